// A deployment as zdd.py does it, by what it reads of two balancers: it gets to its end, and nobody notices.

import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Edge, shop, startEdge } from './edge.ts';
import { Load } from './load.ts';
import { ZddReader } from './zdd-reader.ts';

const HANG_MS = 120_000;
const TARGET = 4;
/** Long enough for the script's shortest step, over before it gives up on one. */
const DRAIN_SECONDS = 6;

describe('what zdd.py reads of two balancers with two workers each', () => {
  let edge: Edge;
  let zdd: ZddReader;
  let loads: readonly Load[] = [];
  const holds: net.Socket[] = [];

  beforeAll(async () => {
    edge = await startEdge(['127.0.46.30', '127.0.46.31'], () => [
      ...['--workers', '2', '--colour-drain-seconds', String(DRAIN_SECONDS)],
    ]);
    zdd = new ZddReader(
      edge.marathonUrl,
      edge.lbs.filter((word) => word !== '--lb'),
    );
    await edge.marathon.send('POST', '/v2/apps', JSON.stringify(side('blue', TARGET)));
    await edge.marathon.settled('/shop-blue', TARGET);
    await Promise.all(
      edge.balancers.map((teal) => teal.line((line) => line.includes('"cut-over"'), 'blue live')),
    );
    loads = edge.addresses.map(
      (address) =>
        new Load(address, edge.port, [
          { name: 'keep-alive', path: '/endpoint0', clients: 1, keepAlive: true, pauseMs: 20 },
          { name: 'new', path: '/endpoint0', clients: 1, keepAlive: false, pauseMs: 20 },
        ]),
    );
  }, HANG_MS);

  afterAll(async () => {
    letGo();
    await Promise.all(loads.map((load) => load.stop()));
    await edge?.stop();
  }, HANG_MS);

  function side(colour: string, instances: number): object {
    const app = shop(`/shop-${colour}`, edge.port, colour, instances) as {
      env: object;
      labels: object;
    };
    return {
      ...app,
      // Nobody checks /health: whoever asks for it waits.
      healthChecks: [{ protocol: 'HTTP', path: '/endpoint0', intervalSeconds: 1 }],
      env: { ...app.env, HEALTH_MIN: '90000', HEALTH_MAX: '90001' },
      labels: {
        ...app.labels,
        HAPROXY_DEPLOYMENT_GROUP: 'shop',
        HAPROXY_DEPLOYMENT_COLOUR: colour,
        HAPROXY_DEPLOYMENT_TARGET_INSTANCES: String(TARGET),
        HAPROXY_DEPLOYMENT_NEW_INSTANCES: '0',
        HAPROXY_DEPLOYMENT_STARTED_AT: new Date().toISOString().replace('Z', ''),
      },
    };
  }

  /** Requests that are never answered, on every server; resolves with what they get in the end. */
  function hold(addresses: readonly string[]): Promise<string[]> {
    const sockets = Array.from({ length: 4 * TARGET }, (_, place) =>
      net.connect(edge.port, addresses[place % addresses.length] as string),
    );
    holds.push(...sockets);
    return Promise.all(
      sockets.map((socket) => {
        let text = '';
        socket.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
        });
        socket.on('error', () => {});
        socket.write('GET /health HTTP/1.1\r\nHost: shop\r\n\r\n');
        return new Promise<string>((resolve) => socket.once('close', () => resolve(text)));
      }),
    );
  }

  function letGo(): void {
    for (const socket of holds.splice(0)) socket.destroy();
  }

  /** The script's loop; the numbers of tasks it killed at a time, those after its max-wait negative. */
  async function replace(from: string, to: string, maxWaitMs: number): Promise<number[]> {
    const { marathon } = edge;
    await marathon.send('POST', '/v2/apps', JSON.stringify(side(to, 1)));
    const kills: number[] = [];
    for (;;) {
      await zdd.settled(`/shop-${to}`);
      const old = await zdd.app(`/shop-${from}`);
      const young = await zdd.app(`/shop-${to}`);
      const { kill, late } = await zdd.tasksToKill(young, old, maxWaitMs);
      if (young.instances === TARGET && kill.length === old.instances) {
        kills.push(late ? -kill.length : kill.length);
        await marathon.send('DELETE', `/v2/apps/shop-${from}`, '');
        await zdd.settled();
        return kills;
      }
      if (kill.length > 0) {
        kills.push(late ? -kill.length : kill.length);
        const ids = JSON.stringify({ ids: kill });
        await marathon.send('POST', '/v2/tasks/delete?scale=true', ids);
      }
      if (young.instances < TARGET) {
        const grown = Math.floor(young.instances + (young.instances + 1) / 2);
        const instances = grown >= old.instances ? TARGET : grown;
        await marathon.send('PUT', `/v2/apps/shop-${to}`, JSON.stringify({ instances }));
      }
    }
  }

  const killed = (kills: readonly number[]): number =>
    kills.reduce((total, count) => total + Math.abs(count), 0);

  it(
    'leads from blue to green, each step as soon as the one before is done',
    async () => {
      const kills = await replace('blue', 'green', 60_000);
      expect(kills.length).toBeGreaterThan(1);
      expect(kills.every((count) => count > 0)).toBe(true);
      expect(killed(kills)).toBe(TARGET);
      expect((await zdd.app('/shop-green')).instances).toBe(TARGET);
    },
    HANG_MS,
  );

  it(
    'lets requests that never end on every old server not keep it from its end',
    async () => {
      void hold(edge.addresses);
      const kills = await replace('green', 'blue', 2_000);
      // Not one was idle before its time was up, and each was still named as one that drains.
      expect(kills.some((count) => count < 0)).toBe(true);
      expect(killed(kills)).toBe(TARGET);
      expect((await zdd.app('/shop-blue')).instances).toBe(TARGET);
      letGo();
    },
    HANG_MS,
  );

  it(
    'lets requests that never end on one balancer only not keep it from its end either',
    async () => {
      const held = hold(edge.addresses.slice(0, 1));
      // The script sees something idle on the other one, does not count its time, and asks again for ever:
      // only the end of the drain leads on.
      const kills = await replace('blue', 'green', 30_000);
      expect(kills.every((count) => count > 0)).toBe(true);
      expect(killed(kills)).toBe(TARGET);
      for (const answer of await held) expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    },
    HANG_MS,
  );

  it('fails no request', async () => {
    await Promise.all(loads.map((load) => load.stop()));
    const outcomes = loads.flatMap((load) => load.outcomes);
    expect(outcomes.filter(({ failure }) => failure !== '')).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(500);
  });
});
