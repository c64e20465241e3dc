import { afterEach, describe, expect, it } from 'vitest';
import { Origin } from '../support/origin.ts';
import { RawClient } from '../support/raw-client.ts';
import { Bench, colour, expectNothingInFlight, listener, service, until } from './plans.ts';

const origins: Origin[] = [];
let bench = new Bench();

afterEach(async () => {
  await bench.close();
  for (const origin of origins.splice(0)) await origin.close();
});

const CLIENTS = 16;
const CUT_OVERS = 40;

describe('cut-overs under load', () => {
  it('lose no request, even when the servers that leave die at once, and none goes to them afterwards', async () => {
    bench = new Bench();
    let live = await named('0');
    bench.publish({
      listeners: [listener('service', 10_080)],
      services: [service('/0', [colour('/0', [live])])],
    });
    const port = await bench.open('*:10080');
    let epoch = 0;
    let ending = false;
    let answered = 0;
    const wrong: string[] = [];
    const clients = Array.from({ length: CLIENTS }, async () => {
      const client = await RawClient.connect(port);
      while (!ending) {
        const since = epoch;
        const response = await client.request('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
        answered += 1;
        const from = Number(response.body.toString());
        if (response.status !== 200 || from < since)
          wrong.push(`${response.status} ${from} ${since}`);
      }
      client.destroy();
    });
    for (let next = 1; next <= CUT_OVERS; next += 1) {
      const before = live;
      live = await named(String(next));
      const target = answered + 2 * CLIENTS;
      await until('some traffic', () => answered >= target);
      bench.publish({ services: [service(`/${next}`, [colour(`/${next}`, [live])])] });
      epoch = next;
      // Whatever it still has in flight dies with it.
      for (const connection of before.connections) connection.reset();
      await before.close();
    }
    ending = true;
    await Promise.all(clients);
    expect(wrong).toEqual([]);
    await until('the end', () => bench.backend(`/${CUT_OVERS}`).inFlight === 0);
    expectNothingInFlight(bench);
    // Every colour but the last has left the report with its last exchange.
    expect(bench.plane.report().pools.map(({ appId }) => appId)).toEqual([`/${CUT_OVERS}`]);
  });
});

async function named(name: string): Promise<Origin> {
  const origin = await Origin.answering(
    `HTTP/1.1 200 OK\r\nContent-Length: ${name.length}\r\n\r\n${name}`,
  );
  origins.push(origin);
  return origin;
}
