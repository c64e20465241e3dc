// Teal's own checks, in a running `teal sse`: Marathon says healthy, the servers say otherwise.

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, request } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeMarathon, sendJson } from '../support/fake-marathon.ts';
import { freePorts } from './free-ports.ts';
import { rawApp } from './raw-apps.ts';
import { TealProcess } from './teal-process.ts';

const leaving: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const leave of leaving.splice(0).reverse()) await leave();
});

/** Answers with its name, and to its health check with `health`. */
async function origin(name: string) {
  const state = { port: 0, health: 200, checks: 0 };
  const server = http.createServer((message, response) => {
    if (message.url === '/health') {
      state.checks += 1;
      response.statusCode = state.health;
    }
    response.end(name);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  leaving.push(() => {
    server.closeAllConnections();
    server.close();
  });
  state.port = (server.address() as AddressInfo).port;
  return state;
}

const CHECK = {
  protocol: 'HTTP',
  path: '/health',
  portIndex: 0,
  intervalSeconds: 1,
  timeoutSeconds: 1,
  maxConsecutiveFailures: 0,
};

async function serve(ports: readonly number[], flags: readonly string[] = []) {
  const marathon = await FakeMarathon.start();
  leaving.push(() => marathon.stop());
  const [service = 0, appid = 0, stats = 0] = await freePorts(3);
  const labels = { HAPROXY_0_PORT: String(service) };
  const tasks = ports.map((port) => ({ port }));
  marathon.apps = sendJson({ apps: [rawApp('/one', labels, tasks, { healthChecks: [CHECK] })] });
  const teal = new TealProcess([
    ...['sse', '--marathon', marathon.url, '--group', 'external', '--health-check'],
    ...['--bind', '127.0.0.1', '--workers', '1', '--dont-bind-http-https'],
    ...['--appid-port', String(appid), '--stats-port', String(stats), ...flags],
  ]);
  leaving.push(async () => {
    teal.signal('SIGKILL');
    await teal.exit;
  });
  await teal.line((line) => line.includes('"msg":"cut-over"'), 'the first colour live', 20_000);
  return { teal, service, stats };
}

const fresh = new Agent({ pipelining: 0 });

async function ask(port: number, path = '/'): Promise<string> {
  const answer = await request(`http://127.0.0.1:${port}${path}`, { dispatcher: fresh });
  return answer.body.text();
}

async function askedOf(port: number): Promise<Set<string>> {
  const names = new Set<string>();
  for (let i = 0; i < 6; i += 1) names.add(await ask(port));
  return names;
}

async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const deadlineMs = Date.now() + 15_000;
  while (!(await holds())) {
    if (Date.now() > deadlineMs) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("Teal's own health checks", () => {
  it('a server that fails them gets no requests, says why, and comes back', async () => {
    const good = await origin('good');
    const bad = await origin('bad');
    const { teal, service, stats } = await serve([good.port, bad.port]);
    expect(await askedOf(service)).toEqual(new Set(['good', 'bad']));
    bad.health = 500;
    await until('it is out', async () => !(await askedOf(service)).has('bad'));
    const csv = await ask(stats, '/haproxy?stats;csv');
    const row = csv.split('\n').find((line) => line.includes(`127_0_0_1_${bad.port}`)) ?? '';
    expect(row).toContain(',DOWN,');
    expect(row).toContain(',L7STS,500,');
    expect(await ask(stats, '/haproxy?stats')).toMatch(/L7STS\/500 in \d+ms/);
    expect(teal.log.some((line) => String(line['msg']).includes("down by Teal's own check"))).toBe(
      true,
    );
    bad.health = 200;
    await until('it is back', async () => (await askedOf(service)).has('bad'));
  }, 40_000);

  it('when all servers fail them, all are served on, with a problem that says so', async () => {
    const one = await origin('one');
    const { teal, service } = await serve([one.port]);
    one.health = 500;
    await teal.line((line) => line.includes('its only usable server fails'), 'the problem');
    expect(await ask(service)).toBe('one');
  }, 40_000);

  it('are not made with --no-own-checks', async () => {
    const one = await origin('one');
    const { service } = await serve([one.port], ['--no-own-checks']);
    expect(await ask(service)).toBe('one');
    expect(one.checks).toBe(0);
  }, 40_000);
});
