import { afterEach, expect, it } from 'vitest';
import { PLAIN_BALANCING } from '../../src/plan/plan.ts';
import { fromRow } from '../../src/stats/counters.ts';
import { Origin } from '../support/origin.ts';
import { RawClient } from '../support/raw-client.ts';
import { Bench, colour, listener, service, until } from './plans.ts';

let bench: Bench;
let origin: Origin;

afterEach(async () => {
  await bench.close();
  await origin.close();
});

it('a pool reports the same object while nothing happens in it, and else what has happened', async () => {
  origin = await Origin.answering('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  bench = new Bench();
  bench.publish({
    listeners: [listener('service', 10_080)],
    services: [service('/a', [colour('/a', [origin])])],
  });
  const port = await bench.open(listener('service', 10_080).key);
  const before = bench.pool('/a');
  expect(bench.pool('/a')).toBe(before);

  const client = await RawClient.connect(port);
  for (const requests of [1, 2]) {
    await client.request('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await until('nothing is in flight', () => bench.backend('/a').inFlight === 0);
    const after = bench.pool('/a');
    expect(after).not.toBe(before);
    expect(fromRow(after?.backend ?? []).requests).toBe(requests);
    expect(fromRow(after?.servers[0]?.row ?? []).requests).toBe(requests);
  }
  client.destroy();
  await until('the client is gone', () => bench.frontend('/a').inFlight === 0);

  const still = bench.pool('/a');
  expect(bench.pool('/a')).toBe(still);
  bench.publish({ services: [service('/a', [colour('/a', [])])] });
  expect(bench.pool('/a')).not.toBe(still);
  expect(bench.pool('/a')?.servers).toEqual([]);
});

it('a pool reports what part of its weight a server has that starts slowly, and its cookie', async () => {
  origin = await Origin.answering('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  const joined = await Origin.answering('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  bench = new Bench();
  const balancing = { ...PLAIN_BALANCING, sticky: true, slowStartMs: 600_000 };
  const publish = (origins: readonly Origin[]): void =>
    bench.publish({
      listeners: [listener('service', 10_080)],
      services: [service('/a', [{ ...colour('/a', origins), balancing }])],
    });
  publish([origin]);
  expect(bench.pool('/a')?.servers).toEqual([
    expect.objectContaining({ cookie: expect.stringMatching(/^[0-9a-f]{10}$/) }),
  ]);
  expect(bench.pool('/a')?.servers[0]).not.toHaveProperty('throttle');
  publish([origin, joined]);
  const throttles = bench.pool('/a')?.servers.map(({ throttle }) => throttle);
  // A sixteenth at first, as everything starts with some of it.
  expect(throttles).toEqual([undefined, 7]);
  await joined.close();
});
