import { afterEach, describe, expect, it } from 'vitest';
import { Origin, type OriginConnection } from '../support/origin.ts';
import { RawClient, requestOnce } from '../support/raw-client.ts';
import { Bench, colour, expectNothingInFlight, listener, service, until } from './plans.ts';

const origins: Origin[] = [];
let bench = new Bench();

afterEach(async () => {
  await bench.close();
  for (const origin of origins.splice(0)) await origin.close();
});

/** Numbers in [0, below) that are the same in every run. */
function randomizer(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const REQUESTS = [
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'HEAD /h HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello',
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x\r\nhello\r\n0\r\nT: 1\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX',
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\nnot all of it',
  'PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\nearly bytes',
  'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  'GET / HTTP/1.1\r\n\r\n',
  '\r\n\r\n\0\0',
];

const ANSWERS = [
  'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nokX',
  'HTTP/1.1 200 OK\r\n\r\nuntil the close',
  'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\nhello',
  'HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\nnot all of it',
  `HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n${'x'.repeat(300_000)}`,
  'HTTP/1.1 413 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
  'garbage\r\n\r\n',
  '',
];

describe('whatever clients and servers do', () => {
  it('nothing is thrown, nothing stays in flight, and the next request is answered', async () => {
    const random = randomizer(20_261_124);
    const behave = async (connection: OriginConnection): Promise<void> => {
      while (await connection.incoming.more()) {
        await connection.incoming.take(connection.incoming.size);
        await connection.write(ANSWERS[random(ANSWERS.length)] as string);
        const end = random(6);
        if (end === 0) connection.reset();
        else if (end === 1) connection.end();
        else if (end === 2) connection.destroy();
      }
    };
    for (let i = 0; i < 3; i += 1) origins.push(await Origin.scripted(behave));
    const good = await Origin.answering(ANSWERS[0] as string);
    bench = new Bench({
      clientTimeoutMs: 400,
      serverTimeoutMs: 300,
      tunnelTimeoutMs: 300,
      keepAliveTimeoutMs: 300,
      requestHeadTimeoutMs: 300,
      connectTimeoutMs: 300,
      connectRetries: 1,
    });
    const publish = () => {
      const blue = colour('/blue', origins.slice(0, 1 + random(3)));
      const green = colour('/green', origins.slice(random(3)));
      bench.publish({ services: [service(random(2) === 0 ? '/blue' : '/green', [blue, green])] });
    };
    bench.publish({ listeners: [listener('service', 10_080)] });
    publish();
    const port = await bench.open('*:10080');
    const visit = async (): Promise<void> => {
      const client = await RawClient.connect(port);
      for (let i = random(4); i >= 0 && !client.closed; i -= 1) {
        const text = REQUESTS[random(REQUESTS.length)] as string;
        const cut = random(3) === 0 ? random(text.length) : text.length;
        await client.write(text.slice(0, cut));
        if (random(3) === 0) await client.incoming.more(1_000).catch(() => false);
        if (cut < text.length && random(2) === 0) await client.write(text.slice(cut));
      }
      const end = random(4);
      if (end === 0) client.reset();
      else if (end === 1) client.end();
      else if (end === 2) client.destroy();
      await client.ended().catch(() => client.destroy());
      client.destroy();
    };
    for (let round = 0; round < 12; round += 1) {
      const visits = Array.from({ length: 25 }, visit);
      publish();
      await Promise.allSettled(visits);
    }
    const settled = () => {
      try {
        expectNothingInFlight(bench);
        return true;
      } catch {
        return false;
      }
    };
    await until('everything to end', settled);
    await until(
      'every connection to be closed',
      () => bench.frontend('/blue').inFlight + bench.frontend('/green').inFlight === 0,
    );
    bench.publish({ services: [service('/good', [colour('/good', [good])])] });
    origins.push(good);
    expect((await requestOnce(port, REQUESTS[0] as string)).body.toString()).toBe('ok');
    expect(bench.plane.report().pools.map(({ appId }) => appId)).toEqual(['/good']);
  });
});
