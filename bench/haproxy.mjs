// HAProxy as the rival, set up to do the same work as Teal: one thread, keep-alive on both sides, the
// same forwarded fields. And as the origin, because nothing answers cheaper.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const GLOBAL = `global
  nbthread 1
  maxconn 4000
defaults
  mode http
  timeout connect 3s
  timeout client 30s
  timeout server 30s
  timeout http-keep-alive 30s
`;

const directory = mkdtempSync(path.join(os.tmpdir(), 'teal-bench-'));

/** First line of `haproxy -v`. */
export function haproxyVersion() {
  return execFileSync('haproxy', ['-v']).toString().split('\n')[0];
}

/** Command of an origin that answers everything with `body`. */
export function haproxyOrigin(port, body) {
  const answer = `http-request return status 200 content-type application/json string '${body}'`;
  return command('origin', `${GLOBAL}frontend origin\n  bind 127.0.0.1:${port}\n  ${answer}\n`);
}

/** Command of the rival. */
export function haproxyRival(port, originPort) {
  return command(
    'rival',
    `${GLOBAL}  option forwardfor
  http-reuse always
listen rival
  bind 127.0.0.1:${port}
  http-request set-header X-Forwarded-Port %[dst_port]
  http-request set-header X-Forwarded-Proto http
  server origin 127.0.0.1:${originPort}
`,
  );
}

function command(name, text) {
  const file = path.join(directory, `${name}.cfg`);
  writeFileSync(file, text);
  return ['haproxy', '-db', '-q', '-f', file];
}
