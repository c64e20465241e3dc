import { afterEach, describe, expect, it } from 'vitest';
import { type BalanceSpec, PLAIN_BALANCING } from '../../src/plan/plan.ts';
import { OK, Origin } from '../support/origin.ts';
import { RawClient } from '../support/raw-client.ts';
import { seeded } from './balance/members.ts';
import { Bench, colour, expectNothingInFlight, listener, service, until } from './plans.ts';

const origins: Origin[] = [];
let bench = new Bench();

afterEach(async () => {
  await bench.close();
  for (const origin of origins.splice(0)) await origin.close();
});

const LIMIT = 2;
const CLIENTS = 24;
const CHANGES = 120;
const ALGORITHMS: readonly BalanceSpec[] = [
  { algorithm: 'roundrobin' },
  { algorithm: 'leastconn' },
  { algorithm: 'first' },
  { algorithm: 'random', draws: 2 },
  { algorithm: 'uri', whole: true, depth: 0, length: 0 },
];

function aTurnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('queues under random changes', () => {
  it('lose no request, exceed no limit and forget nobody, whatever clients and tables do', async () => {
    const random = seeded(20_261_124);
    const below = (count: number): number => Math.floor(random() * count);
    for (let i = 0; i < 4; i += 1) origins.push(await Origin.answering(OK));
    bench = new Bench({ emptyPoolWaitMs: 30_000 });
    const publish = (): void => {
      const colours = ['/a', '/b'].map((appId) => {
        const servers = origins.filter(() => random() < 0.6);
        const balancing = {
          ...PLAIN_BALANCING,
          balance: ALGORITHMS[below(ALGORITHMS.length)] as BalanceSpec,
          sticky: random() < 0.5,
          maxConnections: LIMIT,
        };
        return { ...colour(appId, servers), balancing };
      });
      const live = [null, '/a', '/b', '/a', '/b'][below(5)] ?? null;
      bench.publish({ services: [service(live, colours)] });
    };
    bench.publish({
      listeners: [listener('service', 10_080)],
      services: [service('/a', [colour('/a', origins)])],
    });
    publish();
    const port = await bench.open('*:10080');
    let answered = 0;
    let ending = false;
    const wrong: string[] = [];
    const clients = Array.from({ length: CLIENTS }, async (_, number) => {
      let client = await RawClient.connect(port);
      let cookie = 'a=1';
      while (!ending) {
        const request = `GET /${number} HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\n\r\n`;
        if (random() < 0.05) {
          await client.write(request);
          client.destroy();
          client = await RawClient.connect(port);
          continue;
        }
        const response = await client.request(request);
        answered += 1;
        if (response.status !== 200) wrong.push(`${response.status} to ${number}`);
        cookie = /mesosphere_server_id=\w+/.exec(JSON.stringify(response.fields))?.[0] ?? cookie;
      }
      client.destroy();
    });
    for (let i = 0; i < CHANGES; i += 1) {
      for (let turns = below(12); turns > 0; turns -= 1) await aTurnOfTheLoop();
      publish();
    }
    const balancing = { ...PLAIN_BALANCING, maxConnections: LIMIT };
    const settled = ['/a', '/b'].map((appId) => ({ ...colour(appId, origins), balancing }));
    bench.publish({ services: [service('/a', settled)] });
    await until('all to be served', () => answered > 40 * CLIENTS);
    ending = true;
    await Promise.all(clients);
    expect(wrong).toEqual([]);
    await until('the end', () => bench.frontend('/a').inFlight === 0);
    expectNothingInFlight(bench);
    for (const appId of ['/a', '/b']) {
      expect(bench.backend(appId).queued).toBe(0);
      for (const { port: at } of origins) {
        expect(bench.server(appId, at).inFlightMax).toBeLessThanOrEqual(LIMIT);
        expect(bench.server(appId, at).queued).toBe(0);
      }
    }
    expect(bench.backend('/a').queuedMax + bench.backend('/b').queuedMax).toBeGreaterThan(0);
  });
});
