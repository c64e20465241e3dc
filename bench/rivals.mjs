// The proxies side by side, each set up to do the same work: one thread, keep-alive on both sides, the
// same forwarded fields, timeouts on, no access log. Each listens on three ports: HTTP, TCP, TLS.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isInstalled, scratch } from './processes.mjs';

/** Each command takes the ports to listen on, `http`, `tcp` and `tls`, and the `origin`'s. */
export const PROXIES = [
  { name: 'Teal', installed: true, command: teal, version: () => `Node ${process.version}` },
  {
    name: 'HAProxy',
    installed: isInstalled('haproxy'),
    command: haproxy,
    version: () => firstLine('haproxy', '-v'),
    install: 'apt-get install haproxy',
  },
  {
    name: 'nginx',
    installed: isInstalled('nginx'),
    command: nginx,
    version: () => 'nginx (Debian nginx-light)',
    install: 'apt-get install nginx-light',
    without: ['tcp'],
  },
];

function firstLine(program, flag) {
  return execFileSync(program, [flag]).toString().split('\n')[0];
}

/** Command line of Teal's worker. */
function teal(ports) {
  const worker = fileURLToPath(new URL('teal-worker.mjs', import.meta.url));
  // To collect garbage before memory is read, and only then.
  return [
    process.execPath,
    '--expose-gc',
    worker,
    JSON.stringify({ ...ports, pem: certificate() }),
  ];
}

function haproxy({ http, tcp, tls, origin }) {
  const fields = `  option forwardfor
  http-request set-header X-Forwarded-Port %[dst_port]
  http-request set-header X-Forwarded-Proto`;
  const server = `  http-reuse always\n  server origin 127.0.0.1:${origin}\n`;
  const text = `global
  nbthread 1
  maxconn 11000
  no strict-limits
  ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
  timeout connect 3s
  timeout client 30s
  timeout server 30s
  timeout http-keep-alive 30s
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
  return ['haproxy', '-db', '-q', '-f', written('rival.cfg', text)];
}

function nginx({ http, tls, origin }) {
  const text = `daemon off;
master_process off;
worker_processes 1;
worker_rlimit_nofile 20000;
error_log stderr crit;
pid ${scratch}/nginx.pid;
events { worker_connections 15000; }
http {
  access_log off;
  client_body_temp_path ${scratch}/body;
  proxy_temp_path ${scratch}/proxy;
  fastcgi_temp_path ${scratch}/fastcgi;
  uwsgi_temp_path ${scratch}/uwsgi;
  scgi_temp_path ${scratch}/scgi;
  keepalive_timeout 30s;
  keepalive_requests 1000000000;
  client_max_body_size 16m;
  upstream origin { server 127.0.0.1:${origin}; keepalive 512; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${http} backlog=4096;
    listen 127.0.0.1:${tls} ssl backlog=4096;
    ssl_certificate ${certificate()};
    ssl_certificate_key ${certificate()};
    ssl_protocols TLSv1.2 TLSv1.3;
    location / {
      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_request_buffering off;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Port $server_port;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }
}
`;
  return ['nginx', '-c', written('nginx.conf', text)];
}

/** The origin of small answers: nothing answers cheaper. Null where it is not installed. */
export function cheapOrigin(port, body) {
  if (!isInstalled('haproxy')) return null;
  const text = `global
  nbthread 1
  maxconn 4000
defaults
  mode http
  timeout connect 3s
  timeout client 30s
  timeout server 30s
frontend origin
  bind 127.0.0.1:${port}
  http-request return status 200 content-type application/json string '${body}'
`;
  return ['haproxy', '-db', '-q', '-f', written('origin.cfg', text)];
}

let pem = null;

/** File with a certificate and its key. */
function certificate() {
  if (pem !== null) return pem;
  const key = path.join(scratch, 'key.pem');
  const subject = ['-nodes', '-days', '2', '-subj', '/CN=127.0.0.1', '-keyout', key];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const stdio = ['ignore', 'pipe', 'ignore'];
  const chain = execFileSync('openssl', ['req', '-x509', ...kind, ...subject], { stdio });
  pem = written('both.pem', `${chain}${execFileSync('cat', [key])}`);
  return pem;
}

function written(name, text) {
  const file = path.join(scratch, name);
  writeFileSync(file, text);
  return file;
}
