// HAProxy's configurations: the rival, the rival that is reloaded, and the origin of small answers.

import { certificate, written } from './scratch.mjs';

const TIMEOUTS = `  timeout connect 3s
  timeout client 30s
  timeout server 30s
  timeout tunnel 1h
  timeout http-keep-alive 30s`;

export function haproxy(ports) {
  return ['haproxy', '-db', '-q', '-f', written('rival.cfg', rivalConfig(ports))];
}

/** A master that starts a new worker at each SIGUSR2; services on the ports of `others` besides. */
export function reloadable(ports) {
  return ['haproxy', '-W', '-db', '-q', '-f', reconfigure(ports, null)];
}

/** Writes the configuration with one server less at the service on `port`; null = with all. */
export function reconfigure(ports, port) {
  const others = ports.others.map((other) => {
    const second = other === port ? '' : `  server second 127.0.0.1:${other}\n`;
    const first = `  server first 127.0.0.1:${ports.origin}\n`;
    return `listen other-${other}\n  mode http\n  bind 127.0.0.1:${other}\n${first}${second}`;
  });
  return written('reloaded.cfg', `${rivalConfig(ports)}${others.join('')}`);
}

function rivalConfig({ http, tcp, tls, origin }) {
  const fields = `  option forwardfor
  http-request set-header X-Forwarded-Port %[dst_port]
  http-request set-header X-Forwarded-Proto`;
  const server = `  http-reuse always\n  server origin 127.0.0.1:${origin}\n`;
  return `global
  nbthread 1
  maxconn 11000
  no strict-limits
  ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
${TIMEOUTS}
listen http
  mode http
  bind 127.0.0.1:${http}
${fields} http
${server}listen tls
  mode http
  bind 127.0.0.1:${tls} ssl crt ${certificate()}
${fields} https
${server}listen tcp
  mode tcp
  bind 127.0.0.1:${tcp}
  server origin 127.0.0.1:${origin}
`;
}

/** Nothing answers cheaper than this. */
export function cheapOrigin(port, body) {
  const text = `global
  nbthread 1
  maxconn 4000
defaults
  mode http
${TIMEOUTS}
frontend origin
  bind 127.0.0.1:${port}
  http-request return status 200 content-type application/json string '${body}'
`;
  return ['haproxy', '-db', '-q', '-f', written(`origin-${port}.cfg`, text)];
}
