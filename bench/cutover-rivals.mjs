// Who is cut over: each is started with blue live and has a way to be told of another colour. `cutOver`
// resolves when the change is in force, with the ms it says that it took; null = it does not say.

import http from 'node:http';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { get } from './cutover-clients.mjs';
import { app, serveMarathon } from './marathon.mjs';
import { catches, childrenOf, freePorts, residentBytes, start } from './processes.mjs';
import { scratch, written } from './scratch.mjs';
import { startTeal } from './soak-teal.mjs';

const LONGEST_RELOAD_MS = 10_000;

export async function startTealTwoColours({ blue, green, other }) {
  const [httpPort, otherPort, statsPort, appIdPort] = await freePorts(4);
  const labels = { HAPROXY_0_PORT: String(httpPort), HAPROXY_0_MODE: 'http' };
  const at = (second) => new Date(1_800_000_000_000 + second * 1_000).toISOString();
  const marathon = await serveMarathon(() => [
    app('/cut-over/blue', labels, [blue], at(1)),
    app('/cut-over/green', labels, [green], at(0)),
    app('/other', { HAPROXY_0_PORT: String(otherPort), HAPROXY_0_MODE: 'http' }, [other], at(0)),
  ]);
  const teal = await startTeal({ marathonUrl: marathon.url, statsPort, appIdPort, httpPort });
  return {
    port: httpPort,
    otherPort,
    residentBytes: () => residentOf(teal.pid),
    async cutOver(colour) {
      const order = { order: 'cutover', service: String(httpPort), colour, by: 'bench' };
      return (await post(statsPort, '/_teal/orders', order)).tookMs;
    },
    async stop() {
      await teal.stop();
      marathon.close();
    },
  };
}

/** Two threads, and a reload that hands over the listening sockets. */
export async function startHaproxy(ports) {
  const [port, otherPort] = await freePorts(2);
  const configure = (colour) =>
    written(
      'cut-over.cfg',
      `global
  nbthread 2
  stats socket ${path.join(scratch, 'cut-over.sock')} level admin expose-fd listeners
defaults
  mode http
  timeout connect 3s
  timeout client 30s
  timeout server 30s
  timeout tunnel 1h
listen service
  bind 127.0.0.1:${port}
  http-reuse always
  server ${colour} 127.0.0.1:${ports[colour]}
listen other
  bind 127.0.0.1:${otherPort}
  server other 127.0.0.1:${ports.other}
`,
    );
  const child = await start(null, ['haproxy', '-W', '-db', '-q', '-f', configure('blue')], port);
  return {
    port,
    otherPort,
    residentBytes: () => residentOf(child.pid),
    async cutOver(colour) {
      configure(colour);
      const deadlineMs = performance.now() + LONGEST_RELOAD_MS;
      // A master that starts ignores the signal.
      while (!catches(child.pid, 'SIGUSR2')) await pause(1);
      process.kill(child.pid, 'SIGUSR2');
      // In force for whoever comes now.
      while ((await get(port, false).catch(() => '')) !== colour) {
        if (performance.now() > deadlineMs) throw new Error('HAProxy does not reload');
        await pause(1);
      }
      return null;
    },
    async stop() {
      child.kill('SIGTERM');
    },
  };
}

/** A process and its children: workers that a reload has left and that have connections are among them. */
function residentOf(pid) {
  return [pid, ...childrenOf(pid)].reduce((sum, one) => sum + residentBytes(one), 0);
}

function post(port, target, order) {
  const body = JSON.stringify(order);
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  const options = { host: '127.0.0.1', port, path: target, method: 'POST', headers };
  return new Promise((resolve, reject) => {
    const request = http.request(options, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(pieces).toString();
        if (response.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`${response.statusCode} ${text}`));
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}
