import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import { Origin } from '../support/origin.ts';
import { RawClient } from '../support/raw-client.ts';
import { HeldOrigin } from './held-origin.ts';
import {
  Bench,
  colour,
  expectNothingInFlight,
  type HasPort,
  listener,
  service,
  until,
} from './plans.ts';

const origins: { close(): Promise<void> }[] = [];
let bench = new Bench();

afterEach(async () => {
  await bench.close();
  for (const origin of origins.splice(0)) await origin.close();
});

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const MIB = 1024 * 1024;

async function named(name: string): Promise<Origin> {
  const origin = await Origin.answering(
    `HTTP/1.1 200 OK\r\nContent-Length: ${name.length}\r\n\r\n${name}`,
  );
  origins.push(origin);
  return origin;
}

/** Bytes in use once all garbage is gone. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

describe('a thousand cut-overs in a row', () => {
  it('fail no request, and no request that begins after one is answered by the old colour', async () => {
    bench = new Bench();
    const colours = [
      colour('/blue', [await named('blue')]),
      colour('/green', [await named('green')]),
    ];
    bench.publish({
      listeners: [listener('service', 10_080)],
      services: [service('/blue', colours)],
    });
    const port = await bench.open('*:10080');
    let live = 'blue';
    /** How many cut-overs there have been. */
    let done = 0;
    let answered = 0;
    let ending = false;
    const wrong: string[] = [];
    const clients = Array.from({ length: 8 }, async () => {
      const client = await RawClient.connect(port);
      while (!ending) {
        const [began, expected] = [done, live];
        const response = await client.request(GET);
        answered += 1;
        const from = response.body.toString();
        // With a cut-over in between either is right.
        const isOld = began === done && from !== expected;
        if (response.status !== 200 || isOld) wrong.push(`${response.status} ${from} ${began}`);
      }
      client.destroy();
    });
    for (let turn = 0; turn < 1_000; turn += 1) {
      const target = answered + 4;
      await until('some traffic', () => answered >= target);
      live = live === 'blue' ? 'green' : 'blue';
      bench.publish({ services: [service(`/${live}`, colours)] });
      done += 1;
    }
    ending = true;
    await Promise.all(clients);
    expect(wrong).toEqual([]);
    expectNothingInFlight(bench);
    const { cuts, responses2xx } = bench.backend('/blue');
    expect([cuts, responses2xx > 1_000]).toEqual([0, true]);
  }, 120_000);
});

describe('memory', () => {
  it('is the same after two thousand epochs, each with a colour of its own and something in flight', async () => {
    bench = new Bench();
    const held = await HeldOrigin.start();
    origins.push(held);
    const epoch = (number: number, server: HasPort): void => {
      const appId = `/app-${number}`;
      bench.publish({ services: [service(appId, [colour(appId, [server])])] });
    };
    bench.publish({ listeners: [listener('service', 10_080)] });
    epoch(0, held);
    const client = await RawClient.connect(await bench.open('*:10080'));
    let number = 0;
    const pass = async (epochs: number): Promise<void> => {
      for (let i = 0; i < epochs; i += 1) {
        // Every tenth colour leaves with a request in flight.
        const isBusy = i % 10 === 0;
        const response = isBusy ? client.request(GET) : null;
        if (isBusy) await until('the request', () => held.inFlight === 1);
        number += 1;
        epoch(number, held);
        if (response === null) continue;
        held.answer();
        expect((await response).status).toBe(200);
      }
    };
    await pass(500);
    const before = heapBytes();
    await pass(2_000);
    expect(heapBytes() - before).toBeLessThan(3 * MIB);
    expect(bench.plane.report().pools.map(({ appId }) => appId)).toEqual([`/app-${number}`]);
  }, 120_000);
});
