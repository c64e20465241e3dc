// Three balancers beside each other as processes: they see each other, disagree when one is ordered
// otherwise, show each other's page, and miss the one that is killed.

import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FleetView } from '../../src/stats/peers.ts';
import { type Edge, shop, startEdge } from './edge.ts';

/** Far beyond what it takes: a whole test is a hang then. */
const HANG_MS = 60_000;
const PATIENCE = { timeout: 30_000, interval: 100 };
const ADDRESSES = ['127.0.48.1', '127.0.48.2', '127.0.48.3'];
const NAMES = ['edge-1', 'edge-2', 'edge-3'];
const TOKEN = 'token-of-the-fleet-view';

describe('three balancers that know each other', () => {
  let edge: Edge;
  let statsPort = 0;

  beforeAll(async () => {
    process.env['TEAL_ADMIN_TOKEN'] = TOKEN;
    edge = await startEdge(ADDRESSES, (port) => {
      statsPort = port;
      return ADDRESSES.flatMap((address, place) => [
        '--peer',
        `${NAMES[place]}=http://${address}:${port}`,
      ]);
    });
    for (const colour of ['blue', 'green']) {
      const app = shop(`/shop/${colour}`, edge.port, colour, 1);
      await edge.marathon.send('POST', '/v2/apps', JSON.stringify(app));
    }
  }, HANG_MS);

  afterAll(async () => {
    delete process.env['TEAL_ADMIN_TOKEN'];
    await edge?.stop();
  });

  async function ask(place: number, path: string, init: Parameters<typeof request>[1] = {}) {
    const answer = await request(`http://${ADDRESSES[place]}:${statsPort}${path}`, init);
    const { location } = answer.headers;
    return { status: answer.statusCode, text: await answer.body.text(), location };
  }

  const fleetOf = async (place: number) =>
    JSON.parse((await ask(place, '/_teal/peers')).text) as FleetView;
  const statesOf = async (place: number) =>
    (await fleetOf(place)).instances
      .map(({ name, state, isSelf }) => `${name} ${isSelf ? 'self ' : ''}${state}`)
      .sort();
  const livesOf = async (place: number) =>
    (await fleetOf(place)).instances.map(({ facts }) => facts?.services[0]?.live);
  const order = (place: number, path: string, body: object, token = TOKEN) =>
    ask(place, path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ service: String(edge.port), why: 'to see it', ...body }),
    });

  it(
    'see each other, know themselves among their peers, and agree',
    async () => {
      await expect
        .poll(() => statesOf(0), PATIENCE)
        .toEqual(['edge-1 self fine', 'edge-2 fine', 'edge-3 fine']);
      await expect
        .poll(() => statesOf(2), PATIENCE)
        .toEqual(['edge-1 fine', 'edge-2 fine', 'edge-3 self fine']);
      await expect
        .poll(() => livesOf(0), PATIENCE)
        .toEqual(['/shop/green', '/shop/green', '/shop/green']);
      expect((await fleetOf(0)).disagreements).toEqual([]);
    },
    HANG_MS,
  );

  it(
    'name the service that one of them was ordered to serve otherwise, on every page and in the log',
    async () => {
      const ordered = await order(0, '/_teal/peers/edge-3/_teal/orders', {
        order: 'cutover',
        colour: 'blue',
      });
      expect([ordered.status, JSON.parse(ordered.text).live]).toEqual([200, '/shop/blue']);
      for (const place of [0, 1, 2]) {
        const text = `the instances disagree about *:${edge.port}: /shop/green on `;
        await expect
          .poll(async () => (await ask(place, '/haproxy?stats')).text, PATIENCE)
          .toContain(text);
      }
      const [one] = (await fleetOf(1)).disagreements;
      expect(one?.says).toEqual([
        { what: '/shop/green', instances: ['edge-2', 'edge-1'] },
        { what: '/shop/blue', instances: ['edge-3'] },
      ]);
      await edge.balancers[1]?.line(
        (line) => line.includes('the instances disagree about what is live'),
        'the disagreement in the log',
      );
      const released = await order(0, '/_teal/peers/edge-3/_teal/orders', { order: 'release' });
      expect(released.status).toBe(200);
      const settled = await order(2, '/_teal/orders', { order: 'cutover', colour: 'green' });
      expect(settled.status).toBe(200);
      await expect.poll(async () => (await fleetOf(0)).disagreements, PATIENCE).toEqual([]);
    },
    HANG_MS,
  );

  it('take no order for each other without the token, and no signal at all', async () => {
    const path = '/_teal/peers/edge-2/_teal/orders';
    const wrong = await order(0, path, { order: 'cutover', colour: 'blue' }, 'wrong-token');
    expect(wrong.status).toBe(401);
    const none = await ask(0, path, { method: 'POST', body: '{}' });
    expect(none.status).toBe(401);
    expect((await ask(0, '/_teal/peers/edge-2/_mlb_signal/hup')).status).toBe(404);
    expect(edge.balancers[1]?.lines.join()).not.toContain('SIGHUP');
  });

  it('show each other, and never through a chain', async () => {
    const other = await ask(0, '/_teal/peers/edge-2/_teal/status');
    expect(JSON.parse(other.text).pid).toBe(edge.balancers[1]?.pid);
    const own = await ask(0, '/_teal/peers/edge-1/_teal/status');
    expect(JSON.parse(own.text).pid).toBe(edge.balancers[0]?.pid);
    const chain = '/_teal/peers/edge-2/_teal/peers/edge-1/_teal/peers/edge-2/_teal/status';
    const first = await ask(0, chain);
    expect([first.status, first.location]).toEqual([
      302,
      '/_teal/peers/edge-1/_teal/peers/edge-2/_teal/status',
    ]);
  });

  it(
    'miss the one that is killed, since when, and say so in one line in its place',
    async () => {
      const killedAtMs = Date.now();
      edge.balancers[2]?.signal('SIGKILL');
      await edge.balancers[2]?.exit;
      await expect
        .poll(() => statesOf(0), PATIENCE)
        .toEqual(['edge-1 self fine', 'edge-2 fine', 'edge-3 silent']);
      const gone = (await fleetOf(0)).instances.find(({ name }) => name === 'edge-3');
      expect(gone?.silentSinceMs).toBeGreaterThan(killedAtMs - 5_000);
      expect(gone?.error).toContain('ECONNREFUSED');
      expect((await ask(0, '/haproxy?stats')).text).toMatch(
        /edge-3 \(http:\/\/127\.0\.48\.3:\d+\) has not answered since/,
      );
      const { status, text } = await ask(0, '/_teal/peers/edge-3/haproxy?stats');
      expect([status, text.trim().split('\n').length]).toEqual([502, 1]);
      expect(text).toMatch(/^edge-3 \(http:\/\/127\.0\.48\.3:\d+\) does not answer/);
      await edge.balancers[1]?.line(
        (line) => line.includes('a peer does not answer') && line.includes('edge-3'),
        'the silence in the log',
      );
    },
    HANG_MS,
  );
});
