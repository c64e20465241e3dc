// The proxies side by side, each set up to do the same work: one thread, keep-alive on both sides, the
// same forwarded fields, timeouts on, no access log. Each listens on up to three ports: HTTP, TCP, TLS.

import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { caddy } from './caddy.mjs';
import { haproxy } from './haproxy.mjs';
import { nginx } from './nginx.mjs';
import { childrenOf, isInstalled } from './processes.mjs';
import { certificate } from './scratch.mjs';

/**
 * `command` takes the ports to listen on, `http`, `tcp` and `tls`, and the `origin`'s. `pids`: the
 * processes that do the work, from the one that was started. `collects`: garbage, on SIGUSR2.
 */
export const RIVALS = [
  {
    name: 'Teal',
    command: (ports) => teal({ ...ports, workers: 1, others: [] }),
    pids: ({ pid }) => childrenOf(pid),
    collects: true,
    version: () => `on Node ${process.versions.node}`,
  },
  {
    name: 'HAProxy',
    program: 'haproxy',
    command: haproxy,
    version: () => versionOf('haproxy', '-v'),
    install: 'apt-get install haproxy',
  },
  {
    name: 'nginx',
    program: 'nginx',
    command: nginx,
    version: () => versionOf('nginx', '-v'),
    install: 'apt-get install nginx-light',
    without: ['tcp'],
  },
  {
    name: 'Caddy',
    program: 'caddy',
    command: caddy,
    version: () => versionOf('caddy', 'version'),
    install: 'apt-get install caddy',
    only: ['a', 'c', 'h', 'i'],
  },
  {
    name: 'http-proxy',
    command: httpProxy,
    collects: true,
    version: () => createRequire(import.meta.url)('http-proxy/package.json').version,
    only: ['a', 'c', 'h', 'i'],
  },
].map((rival) => ({
  pids: ({ pid }) => [pid],
  collects: false,
  without: [],
  installed: rival.program === undefined || isInstalled(rival.program),
  ...rival,
}));

/** Those that can do a workload and are installed. */
export function rivalsFor({ key, port }) {
  return RIVALS.filter(
    ({ installed, only, without }) =>
      installed && !without.includes(port) && (only === undefined || only.includes(key)),
  );
}

/** Teal's command line: `workers`, and the ports of `others` besides the usual ones. */
export function teal(ports) {
  const order = JSON.stringify({ ...ports, pem: certificate() });
  return collecting('teal-fleet.mjs', order);
}

function httpProxy(ports) {
  return collecting('http-proxy.mjs', JSON.stringify(ports));
}

/** Workers inherit these options of Node's. */
function collecting(program, argument) {
  const [collect, file] = ['collect-on-signal.mjs', program].map(
    (name) => new URL(name, import.meta.url),
  );
  return [process.execPath, '--expose-gc', `--import=${collect}`, fileURLToPath(file), argument];
}

function versionOf(program, argument) {
  const { stdout, stderr } = spawnSync(program, [argument], { encoding: 'utf8' });
  const [version = 'of unknown version'] = /\d+\.\d+\.\d+/.exec(stdout + stderr) ?? [];
  return version;
}
