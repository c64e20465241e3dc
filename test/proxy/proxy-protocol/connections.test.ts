import { once } from 'node:events';
import net from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { makeSelfSigned } from '../../../src/options/self-signed.ts';
import { type ListenerSpec, PLAIN_ROUTE, type ServiceSpec } from '../../../src/plan/plan.ts';
import { writeProxyHeader } from '../../../src/proxy/proxy-protocol/write.ts';
import type { ProxySettings } from '../../../src/proxy/settings.ts';
import { fromRow } from '../../../src/stats/counters.ts';
import { oneValue, valuesOf } from '../../support/message.ts';
import { Origin } from '../../support/origin.ts';
import { RawClient } from '../../support/raw-client.ts';
import {
  Bench,
  colour,
  expectNothingInFlight,
  listener,
  PLAIN_TLS,
  service,
  until,
} from '../plans.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const ENDS = {
  source: '203.0.113.7',
  sourcePort: 51_234,
  destination: '198.51.100.1',
  destinationPort: 443,
};
const V6_ENDS = { ...ENDS, source: '2001:db8::7', destination: '2001:db8::1' };

let bench = new Bench();
const origins: Origin[] = [];
const clients: RawClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await bench.close();
  for (const origin of origins.splice(0)) await origin.close();
});

async function answering(): Promise<Origin> {
  const origin = await Origin.answering(OK);
  origins.push(origin);
  return origin;
}

/** A service whose listener and service are as said, in front of `origin`. */
async function open(
  origin: Origin,
  how: Partial<ListenerSpec>,
  {
    sendProxy = 0,
    settings = {},
    ...more
  }: {
    readonly sendProxy?: 0 | 1 | 2;
    readonly settings?: Partial<ProxySettings>;
    readonly routes?: ServiceSpec['routes'];
  } = {},
): Promise<number> {
  const mode = how.mode ?? 'http';
  bench = new Bench(settings);
  bench.publish({
    listeners: [listener('service', 10_080, how)],
    services: [service('/app', [{ ...colour('/app', [origin]), sendProxy }], { mode, ...more })],
  });
  return bench.open('*:10080');
}

/** A balancer in front of Teal: `join` says what is sent in place of the client's first bytes. */
async function relayTo(port: number, join: (first: Buffer) => Buffer[]) {
  const server = net.createServer((inside) => {
    const outside = net.connect({ port, host: '127.0.0.1', noDelay: true });
    for (const socket of [inside, outside]) socket.on('error', () => {});
    inside.once('data', async (first) => {
      inside.pause();
      for (const piece of join(first)) await new Promise((sent) => outside.write(piece, sent));
      inside.pipe(outside);
    });
    outside.pipe(inside);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as net.AddressInfo).port, close: () => server.close() };
}

async function connect(port: number): Promise<RawClient> {
  const client = await RawClient.connect(port);
  clients.push(client);
  return client;
}

describe('a listener that accepts PROXY protocol headers', () => {
  it.each([
    ['version 1', writeProxyHeader(1, ENDS), '203.0.113.7', '443'],
    ['version 2', writeProxyHeader(2, ENDS), '203.0.113.7', '443'],
    ['version 1 over IPv6', writeProxyHeader(1, V6_ENDS), '2001:db8::7', '443'],
    ['version 2 over IPv6', writeProxyHeader(2, V6_ENDS), '2001:db8::7', '443'],
    ['version 1 that says nothing', writeProxyHeader(1, null), '127.0.0.1', '10080'],
    ['version 2 that says nothing', writeProxyHeader(2, null), '127.0.0.1', '10080'],
    [
      'LOCAL of version 2',
      Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex'),
      '127.0.0.1',
      '10080',
    ],
  ])('tells servers the client of %s, however it is split', async (_, header, client, port) => {
    const origin = await answering();
    const at = await open(origin, { acceptProxy: true });
    const bytes = Buffer.concat([header, Buffer.from(REQUEST)]);
    for (const split of [0, 1, 5, 15, 16, header.length - 1, header.length, header.length + 3]) {
      const one = await connect(at);
      await one.write(bytes.subarray(0, split));
      void one.write(bytes.subarray(split));
      expect((await one.response()).status).toBe(200);
      void one.write(REQUEST);
      expect((await one.response()).status).toBe(200);
      one.destroy();
    }
    for (const request of origin.requests) {
      expect(oneValue(request, 'x-forwarded-for')).toBe(client);
      expect(oneValue(request, 'x-forwarded-port')).toBe(port);
    }
    expect(origin.requests).toHaveLength(16);
    await until('the end', () => bench.frontend('/app').inFlight === 0);
    expectNothingInFlight(bench);
    expect(bench.frontend('/app').requestErrors).toBe(0);
  });

  it('adds the client of the header to the list that came with the request', async () => {
    const origin = await answering();
    const one = await connect(await open(origin, { acceptProxy: true }));
    void one.write(writeProxyHeader(2, ENDS));
    void one.write('GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n');
    await one.response();
    expect(valuesOf(origin.requests[0]!, 'x-forwarded-for')).toEqual(['192.0.2.1, 203.0.113.7']);
  });

  it.each([
    ['a request', REQUEST],
    ['a header with a bad address', 'PROXY TCP4 1.1.1.1 here 1 2\r\n'],
    ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00'],
    ['a line without end', `PROXY UNKNOWN ${'x'.repeat(200)}`],
  ])('closes a connection that begins with %s at once, and counts it', async (_, bytes) => {
    const origin = await answering();
    const one = await connect(await open(origin, { acceptProxy: true }));
    void one.write(bytes);
    await one.ended();
    expect(one.received).toBe('');
    expect(bench.frontend('/app').requestErrors).toBe(1);
    expect(bench.frontend('/app').inFlight).toBe(0);
    expect(origin.connections).toHaveLength(0);
  });

  it('does not wait for a header longer than for a request, and not at all once the client goes', async () => {
    const origin = await answering();
    const settings = { requestHeadTimeoutMs: 200 };
    const port = await open(origin, { acceptProxy: true }, { settings });
    const slow = await connect(port);
    void slow.write('PROXY TCP4 1.1');
    await slow.ended();
    const gone = await connect(port);
    await gone.write('PROXY TCP4 1.1');
    gone.end();
    await gone.ended();
    expect(bench.frontend('/app').requestErrors).toBe(2);
  });

  it('lets no second header in: it is a bad request', async () => {
    const origin = await answering();
    const one = await connect(await open(origin, { acceptProxy: true }));
    const header = writeProxyHeader(1, ENDS);
    void one.write(Buffer.concat([header, header, Buffer.from(REQUEST)]));
    expect((await one.response()).status).toBe(400);
  });

  it('reads it before a TLS handshake', async () => {
    const origin = await answering();
    const port = await open(
      origin,
      { kind: 'https', tls: PLAIN_TLS, acceptProxy: true, serviceKey: null },
      {
        settings: { certificates: [makeSelfSigned()] },
        routes: [{ ...PLAIN_ROUTE, hosts: ['a'] }],
      },
    );
    for (const join of [
      (first: Buffer) => [Buffer.concat([writeProxyHeader(2, ENDS), first])],
      (first: Buffer) => [writeProxyHeader(2, ENDS), first],
      (first: Buffer) => [
        Buffer.concat([writeProxyHeader(1, ENDS), first.subarray(0, 7)]),
        first.subarray(7),
      ],
    ]) {
      const relay = await relayTo(port, join);
      const one = await RawClient.connectTls(relay.port, 'a');
      clients.push(one);
      void one.write(REQUEST);
      expect((await one.response()).status).toBe(200);
      relay.close();
    }
    expect(origin.requests).toHaveLength(3);
    for (const request of origin.requests) {
      expect(oneValue(request, 'x-forwarded-for')).toBe('203.0.113.7');
      expect(oneValue(request, 'x-forwarded-proto')).toBe('https');
    }
  });

  it('hands a TCP client what followed its header, and the server nothing of it', async () => {
    const origin = await Origin.scripted(async (connection) => {
      await connection.incoming.through('bye');
      await connection.write('seen');
      connection.end();
    });
    origins.push(origin);
    const port = await open(origin, { mode: 'tcp', acceptProxy: true });
    const header = writeProxyHeader(1, ENDS);
    for (const pieces of [
      [Buffer.concat([header, Buffer.from('hello bye')])],
      [header, Buffer.from('hello bye')],
      [header.subarray(0, 9), Buffer.concat([header.subarray(9), Buffer.from('hello ')]), 'bye'],
    ]) {
      const one = await connect(port);
      for (const piece of pieces) await one.write(piece);
      await one.ended();
      expect(one.received).toBe('seen');
      one.destroy();
    }
    for (const { received } of origin.connections) expect(received).toBe('hello bye');
  });

  it('counts what came on a shared listener there', async () => {
    bench = new Bench();
    bench.publish({ listeners: [listener('http', 80, { acceptProxy: true })] });
    const one = await connect(await bench.open('*:80'));
    void one.write(REQUEST);
    await one.ended();
    const [report] = bench.plane.report().frontends;
    expect(fromRow(report?.row ?? []).requestErrors).toBe(1);
  });

  it.each([
    ['in plain', null],
    ['before TLS', PLAIN_TLS],
  ])('ends whatever comes, %s, and keeps nothing of it', async (_, tls) => {
    const origin = await answering();
    const port = await open(
      origin,
      { kind: tls === null ? 'service' : 'https', acceptProxy: true, tls },
      {
        settings: {
          certificates: [makeSelfSigned()],
          requestHeadTimeoutMs: 300,
          handshakeTimeoutMs: 300,
        },
      },
    );
    const starts = [writeProxyHeader(1, ENDS), writeProxyHeader(2, ENDS), Buffer.alloc(0)];
    const bytes = fc.tuple(
      fc.constantFrom(...starts),
      fc.nat({ max: 40 }),
      fc.uint8Array({ maxLength: 80 }),
      fc.constantFrom('end', 'reset', 'wait'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(bytes, { minLength: 16, maxLength: 16 }), async (visits) => {
        await Promise.all(
          visits.map(async ([start, kept, noise, how]) => {
            const one = await RawClient.connect(port);
            void one.write(Buffer.concat([start.subarray(0, kept), noise]));
            if (how === 'reset') one.reset();
            if (how === 'end') one.end();
            await one.ended();
            one.destroy();
          }),
        );
      }),
      { numRuns: 6, seed: 20_261_124 },
    );
    await until('nothing is open', () =>
      [
        bench.frontend('/app'),
        ...bench.plane.report().frontends.map(({ row }) => fromRow(row)),
      ].every(({ inFlight }) => inFlight === 0),
    );
    expect(await bench.plane.drain(10_000)).toBe(0);
    expectNothingInFlight(bench);
  });

  it('stops waiting when the worker ends', async () => {
    const origin = await answering();
    const one = await connect(await open(origin, { acceptProxy: true }));
    await one.write('PROXY ');
    await until('it is there', () => bench.plane.report().pools.length > 0);
    expect(await bench.plane.drain(10_000)).toBe(0);
    await one.ended();
  });
});

describe('a listener that does not', () => {
  it.each([
    ['version 1', writeProxyHeader(1, ENDS)],
    ['version 2', writeProxyHeader(2, ENDS)],
  ])('takes a spoofed header of %s for what it is: a bad request', async (_, header) => {
    const origin = await answering();
    const one = await connect(await open(origin, {}));
    void one.write(Buffer.concat([header, Buffer.from(REQUEST)]));
    expect((await one.response()).status).toBe(400);
    expect(origin.connections).toHaveLength(0);
  });

  it('begins to with the next connection when the plan says so; open ones stay', async () => {
    const origin = await answering();
    const port = await open(origin, {});
    const before = await connect(port);
    expect((await before.request(REQUEST)).status).toBe(200);
    bench.publish({ listeners: [listener('service', 10_080, { acceptProxy: true })] });
    expect((await before.request(REQUEST)).status).toBe(200);
    const after = await connect(port);
    void after.write(Buffer.concat([writeProxyHeader(2, ENDS), Buffer.from(REQUEST)]));
    expect((await after.response()).status).toBe(200);
    expect(oneValue(origin.requests[2]!, 'x-forwarded-for')).toBe('203.0.113.7');
  });
});

describe('a server that wants PROXY protocol headers', () => {
  const serverOf = async (headerBytes: (port: number) => number): Promise<Origin> => {
    const origin: Origin = await Origin.scripted(async (connection) => {
      const client = clients.at(-1)?.socket.localPort ?? 0;
      await connection.incoming.take(headerBytes(client));
      for (;;) {
        const request = await connection.request();
        if (request === null) return connection.end();
        origin.requests.push(request);
        await connection.write(OK);
      }
    });
    origins.push(origin);
    return origin;
  };

  const headerOf = (version: 1 | 2, from: number, to: number): string =>
    writeProxyHeader(version, {
      source: '127.0.0.1',
      sourcePort: from,
      destination: '127.0.0.1',
      destinationPort: to,
    }).toString('latin1');

  it.each([1, 2] as const)(
    'gets one of version %s first on each connection, each for one client',
    async (sendProxy) => {
      let port = 0;
      const origin = await serverOf((client) => headerOf(sendProxy, client, port).length);
      port = await open(origin, {}, { sendProxy });
      for (let place = 0; place < 3; place += 1) {
        const one = await connect(port);
        expect((await one.request(REQUEST)).status).toBe(200);
        const { received } = await origin.connection(origin.connections.length - 1);
        const from = one.socket.localPort ?? 0;
        expect(received.startsWith(`${headerOf(sendProxy, from, port)}GET / `)).toBe(true);
        one.destroy();
      }
      expect(origin.connections).toHaveLength(3);
      expect(bench.backend('/app')).toMatchObject({ connects: 3, reuses: 0 });
    },
  );

  it('is told the client that a header in front of Teal named', async () => {
    const origin = await serverOf(() => writeProxyHeader(1, ENDS).length);
    const one = await connect(await open(origin, { acceptProxy: true }, { sendProxy: 1 }));
    void one.write(Buffer.concat([writeProxyHeader(2, ENDS), Buffer.from(REQUEST)]));
    expect((await one.response()).status).toBe(200);
    const line = 'PROXY TCP4 203.0.113.7 198.51.100.1 51234 443\r\nGET / ';
    expect(origin.received.startsWith(line)).toBe(true);
  });

  it('gets it before a TCP client says a word', async () => {
    const origin = await Origin.scripted(async (connection) => {
      await connection.incoming.through('\r\n');
      await connection.write('220 welcome\r\n');
      await connection.incoming.through('QUIT');
      connection.end();
    });
    origins.push(origin);
    const port = await open(origin, { mode: 'tcp' }, { sendProxy: 1 });
    const one = await connect(port);
    await one.incoming.through('220 welcome\r\n');
    void one.write('QUIT');
    await one.ended();
    const from = one.socket.localPort ?? 0;
    expect(origin.received).toBe(`${headerOf(1, from, port)}QUIT`);
  });

  it('gets no connection that was opened before it wanted them', async () => {
    const plain = await answering();
    const port = await open(plain, {});
    const one = await connect(port);
    expect((await one.request(REQUEST)).status).toBe(200);
    bench.publish({
      services: [service('/app', [{ ...colour('/app', [plain]), sendProxy: 1 }])],
    });
    void one.write(REQUEST);
    await until('the second connection', () => plain.connections.length === 2);
    const { incoming } = await plain.connection(1);
    expect(incoming).toBeDefined();
    await until('the header', () => plain.received.includes('PROXY TCP4 '));
    expect(plain.connections[0]?.received).not.toContain('PROXY');
  });
});
