import { afterEach, expect, it } from 'vitest';
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
