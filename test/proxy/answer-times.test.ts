import { afterEach, expect, it } from 'vitest';
import { bucketOf } from '../../src/stats/answer-scale.ts';
import { fromRow } from '../../src/stats/counters.ts';
import { OK, Origin } from '../support/origin.ts';
import { RawClient } from '../support/raw-client.ts';
import { Bench, colour, listener, service, until } from './plans.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

let bench: Bench;
const origins: Origin[] = [];

afterEach(async () => {
  await bench.close();
  for (const origin of origins.splice(0)) await origin.close();
});

/** A plane with one server; resolves with a client of it. */
async function serve(answer: string, mode: 'http' | 'tcp' = 'http'): Promise<RawClient> {
  const origin = await (mode === 'tcp'
    ? Origin.scripted(async (connection) => {
        if ((await connection.request()) === null) return;
        await connection.write(answer);
        connection.end();
      })
    : Origin.answering(answer));
  origins.push(origin);
  bench = new Bench({ connectRetries: 0 });
  bench.publish({
    listeners: [listener('service', 10_080, { mode })],
    services: [service('/a', [colour('/a', [origin])], { mode })],
  });
  return RawClient.connect(await bench.open(listener('service', 10_080).key));
}

it('counts each answer of a server once, and reports it once', async () => {
  const client = await serve(OK);
  const reported: number[] = [];
  let sumMs = 0;
  /** True when nothing is in flight; each look is a report. */
  const look = (requests: number) => {
    const pool = bench.pool('/a');
    reported.push(...(pool?.answers?.counts ?? []));
    sumMs += pool?.answers?.sumMs ?? 0;
    const { requests: seen, inFlight } = fromRow(pool?.backend ?? []);
    return seen === requests && inFlight === 0;
  };
  for (const requests of [1, 2, 3]) {
    await client.request(GET);
    await until('nothing is in flight', () => look(requests));
    const counts = reported.filter((_, place) => place % 2 === 1);
    expect(counts.reduce((sum, many) => sum + many, 0)).toBe(requests);
  }
  const slowest = Math.max(...reported.filter((_, place) => place % 2 === 0));
  expect(sumMs).toBeGreaterThan(0);
  expect(slowest).toBeLessThanOrEqual(bucketOf(sumMs));
  client.destroy();
});

it('takes the times of what a server has answered, and of nothing else', async () => {
  const client = await serve('HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n');
  await client.request(GET);
  await until('it is over', () => bench.backend('/a').responses5xx === 1);
  client.destroy();
  expect(bench.backend('/a')).toMatchObject({ requests: 1, timed: 0, totalMs: 0 });
  await bench.close();

  const other = await serve(OK);
  await other.request(GET);
  await until('nothing is in flight', () => bench.backend('/a').inFlight === 0);
  const { backend, servers } = bench.pool('/a') ?? {};
  for (const row of [backend, servers?.[0]?.row]) {
    const { timed, responseMs, totalMs, totalMsMax } = fromRow(row ?? []);
    expect(timed).toBe(1);
    expect(totalMs).toBeGreaterThanOrEqual(responseMs);
    expect(Math.abs(totalMsMax - totalMs)).toBeLessThanOrEqual(0.5);
  }
  other.destroy();
});

it('takes the time of a TCP connection as a whole', async () => {
  const client = await serve('hello', 'tcp');
  client.write(GET);
  expect((await client.incoming.take(5)).toString()).toBe('hello');
  client.destroy();
  await until('nothing is in flight', () => bench.backend('/a').inFlight === 0);
  const { timed, totalMs, responseMs } = fromRow(bench.pool('/a')?.backend ?? []);
  expect({ timed, responseMs }).toEqual({ timed: 1, responseMs: 0 });
  expect(totalMs).toBeGreaterThan(0);
});

it('takes a body that cannot be read for a bad request, not for a client that left', async () => {
  const client = await serve(OK);
  const response = await client.request(
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n',
  );
  expect(response.status).toBe(400);
  expect(bench.frontend('/a').requestErrors).toBe(1);
  expect(bench.backend('/a').clientAborts).toBe(0);
  client.destroy();
});
