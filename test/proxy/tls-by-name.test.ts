// TLS of the https listener where each virtual host is spoken to in its own way.

import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import type { Logger } from '../../src/log/logger.ts';
import { SILENT } from '../../src/log/logger.ts';
import { type NamedTlsSpec, PLAIN_ROUTE, type TlsSpec } from '../../src/plan/plan.ts';
import type { Credentials } from '../../src/proxy/credentials.ts';
import type { ProxySettings } from '../../src/proxy/settings.ts';
import { fromRow } from '../../src/stats/counters.ts';
import { Origin } from '../support/origin.ts';
import { certificateFor, serialOf, type Visit, visit } from '../support/tls-visit.ts';
import { Bench, colour, listener, PLAIN_TLS, service, until } from './plans.ts';

const pems = {
  shared: certificateFor('shared'),
  a: certificateFor('a.test'),
  b: certificateFor('b.test'),
  w: certificateFor('*.w.test'),
  client: certificateFor('client'),
  other: certificateFor('other'),
};
const AES = 'ECDHE-ECDSA-AES128-GCM-SHA256';
const CHACHA = 'ECDHE-ECDSA-CHACHA20-POLY1305';

const CREDENTIALS: Credentials = {
  shared: [pems.shared],
  certificates: (['a', 'b', 'w'] as const).map((name) => ({
    path: `/${name}.pem`,
    pems: [pems[name]],
  })),
  authorities: (['client', 'other'] as const).map((name) => ({
    path: `/${name}-ca.pem`,
    pems: [pems[name]],
  })),
  errorFiles: [],
  ticketKeys: '00'.repeat(48),
};

function entry(hosts: readonly string[], tls: Partial<TlsSpec> = {}): NamedTlsSpec {
  return { hosts, tls: { ...PLAIN_TLS, ...tls } };
}

const asks = (name: string): Partial<TlsSpec> => ({
  certificates: ['/b.pem'],
  clientCertificate: 'required',
  authorities: `/${name}-ca.pem`,
});

const BY_NAME: readonly NamedTlsSpec[] = [
  entry(['*.w.test'], { certificates: ['/w.pem'] }),
  entry(['a.test', 'twin.test'], { certificates: ['/a.pem'] }),
  entry(['asks.test'], asks('client')),
  entry(['asks-other.test'], asks('other')),
  entry(['asks.w.test'], asks('client')),
  entry(['chacha.test'], { ciphers: CHACHA }),
  entry(['broken.test'], { certificates: ['/none.pem'] }),
  entry(['new.test'], { minVersion: 'TLSv1.3' }),
  entry(['old.test'], { maxVersion: 'TLSv1.2' }),
  entry(['shared.test']),
];

let bench = new Bench();
const origins: Origin[] = [];

afterEach(async () => {
  await bench.close();
  for (const origin of origins.splice(0)) await origin.close();
});

/** One service per host, which says its name. */
async function serviceFor(host: string, place: number) {
  const origin = await Origin.answering(
    `HTTP/1.1 200 OK\r\nContent-Length: ${host.length}\r\n\r\n${host}`,
  );
  origins.push(origin);
  const servicePort = 10_100 + place;
  const app = `/app${place}`;
  return service(app, [colour(app, [origin], servicePort)], {
    servicePort,
    routes: [{ ...PLAIN_ROUTE, hosts: [host] }],
  });
}

interface Wish {
  readonly byName?: readonly NamedTlsSpec[];
  readonly settings?: Partial<ProxySettings>;
  readonly log?: Logger;
  readonly acceptProxy?: boolean;
}

const httpsBy = (byName: readonly NamedTlsSpec[], acceptProxy = false) =>
  listener('https', 443, { byName, acceptProxy });

async function open({ byName = BY_NAME, settings = {}, log = SILENT, acceptProxy }: Wish = {}) {
  bench = new Bench({ handshakeTimeoutMs: 60_000, requestHeadTimeoutMs: 60_000, ...settings }, log);
  bench.plane.certify(CREDENTIALS);
  const hosts = byName.flatMap((one) => one.hosts);
  bench.publish({
    listeners: [httpsBy(byName, acceptProxy)],
    services: await Promise.all(hosts.map(serviceFor)),
  });
  return bench.open('*:443');
}

const frontend = () => fromRow(bench.plane.report().frontends[0]?.row ?? []);
const own = (pem: string) => ({ cert: pem, key: pem });

describe('a virtual host of its own', () => {
  it.each<[string, string, keyof typeof pems]>([
    ['a.test', 'a.test', 'a'],
    ['A.Test', 'a.test', 'a'],
    ['twin.test', 'twin.test', 'a'],
    ['x.w.test', '*.w.test', 'w'],
    ['y.x.W.test', '*.w.test', 'w'],
    ['shared.test', 'shared.test', 'shared'],
  ])('shows its own certificate and answers itself: %s', async (servername, body, name) => {
    const seen = await visit(await open(), { servername });
    expect(seen).toMatchObject({ status: 200, body, serial: serialOf(pems[name]) });
  });

  it.each<[string, string, tls.ConnectionOptions, string | null]>([
    ['the newest', 'a.test', {}, 'TLSv1.3'],
    ['the older', 'a.test', { maxVersion: 'TLSv1.2' }, 'TLSv1.2'],
    ['no newer than it may', 'old.test', {}, 'TLSv1.2'],
    ['not what it may not', 'old.test', { minVersion: 'TLSv1.3' }, null],
    ['what it must', 'new.test', {}, 'TLSv1.3'],
    ['no older than it must', 'new.test', { maxVersion: 'TLSv1.2' }, null],
    ['its ciphers', 'chacha.test', { maxVersion: 'TLSv1.2', ciphers: CHACHA }, 'TLSv1.2'],
    ['its ciphers only', 'chacha.test', { maxVersion: 'TLSv1.2', ciphers: AES }, null],
    ["not another's", 'a.test', { maxVersion: 'TLSv1.2', ciphers: CHACHA }, null],
    ['http/1.1', 'a.test', { ALPNProtocols: ['h2', 'http/1.1'] }, 'TLSv1.3'],
    ['nothing but http/1.1', 'a.test', { ALPNProtocols: ['h2'] }, null],
  ])('speaks %s (%s)', async (_, servername, options, protocol) => {
    const seen = await visit(await open(), { servername, ...options });
    expect(seen.protocol).toBe(protocol);
    expect(seen.status).toBe(protocol === null ? 0 : 200);
  });

  it.each(['nobody.test', 'w.test', 'aw.test', 'test', 'a.test.', undefined, 'broken.test'])(
    'that there is not, is closed, counted and noted: %s',
    async (servername) => {
      const notes: object[] = [];
      const log = { ...SILENT, debug: (fields: object) => notes.push(fields) };
      const port = await open({ log });
      const options = servername === undefined ? {} : { servername };
      expect(await visit(port, options)).toMatchObject({ status: 0, protocol: null });
      await until('it is counted', () => frontend().requestErrors === 1);
      expect(frontend().connections).toBe(1);
      expect(notes).toEqual([{ listener: '*:443', fault: expect.any(String) }]);
    },
  );

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'asks for certificates of its own authorities, and no other host does (%s)',
    async (version) => {
      const port = await open();
      const knock = async (servername: string, name?: 'client' | 'other'): Promise<number> => {
        const shown = name === undefined ? {} : own(pems[name]);
        const range = { minVersion: version, maxVersion: version };
        return (await visit(port, { servername, ...range, ...shown })).status;
      };
      expect(await knock('asks.test', 'client')).toBe(200);
      expect(await knock('asks.test', 'other')).toBe(0);
      expect(await knock('asks.test')).toBe(0);
      expect(await knock('asks-other.test', 'client')).toBe(0);
      expect(await knock('asks-other.test', 'other')).toBe(200);
      expect(await knock('asks.w.test')).toBe(0);
      expect(await knock('x.w.test')).toBe(200);
      expect(await knock('a.test')).toBe(200);
    },
  );

  it('is asked by the name of the handshake, whatever Host says', async () => {
    const port = await open();
    const crossed = await visit(port, { servername: 'a.test' }, 'asks.test');
    expect(crossed).toMatchObject({ status: 200, body: 'a.test' });
    const back = await visit(port, { servername: 'asks.test', ...own(pems.client) }, 'a.test');
    expect(back).toMatchObject({ status: 200, body: 'asks.test' });
  });
});

describe('a session', () => {
  /** The session of a visit to one host, tried at another without a certificate. */
  async function carry(from: string, to: string, version: tls.SecureVersion): Promise<Visit> {
    const port = await open();
    const range = { minVersion: version, maxVersion: version };
    // A client that offers what either may speak, and shows a certificate where it is asked.
    const ciphers = `${CHACHA}:${AES}:TLS_AES_128_GCM_SHA256`;
    const first = await visit(port, { servername: from, ciphers, ...range, ...own(pems.client) });
    expect(first).toMatchObject({ status: 200, body: from, resumed: false });
    if (first.session === null) throw new Error('no session was offered');
    return visit(port, { servername: to, ciphers, ...range, session: first.session });
  }

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('is resumed at its own host (%s)', async (version) => {
    const seen = await carry('a.test', 'a.test', version);
    expect(seen).toMatchObject({ status: 200, body: 'a.test', resumed: true });
    await bench.close();
    const asked = await carry('asks.test', 'asks.test', version);
    expect(asked).toMatchObject({ status: 200, body: 'asks.test', resumed: true });
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'leads to the host that is asked for, of those that are spoken to alike (%s)',
    async (version) => {
      const seen = await carry('twin.test', 'a.test', version);
      expect(seen).toMatchObject({ status: 200, body: 'a.test' });
    },
  );

  it('that is resumed leads by its own name, whatever Host says', async () => {
    const port = await open();
    const range = { servername: 'a.test', maxVersion: 'TLSv1.2' } as const;
    const { session } = await visit(port, range);
    if (session === null) throw new Error('no session was offered');
    const seen = await visit(port, { ...range, session }, 'asks.test');
    expect(seen).toMatchObject({ status: 200, body: 'a.test', resumed: true });
  });

  it.each([
    ['a.test', 'asks.test', 'TLSv1.2'],
    ['a.test', 'asks.test', 'TLSv1.3'],
    ['asks.test', 'asks-other.test', 'TLSv1.2'],
    ['asks.test', 'asks-other.test', 'TLSv1.3'],
    ['shared.test', 'asks.w.test', 'TLSv1.3'],
  ] as const)('of %s does not let anybody in at %s (%s)', async (from, to, version) => {
    expect(await carry(from, to, version)).toMatchObject({ status: 0, resumed: false });
  });

  it.each([
    ['asks.test', 'a.test', 'TLSv1.2'],
    ['asks.test', 'a.test', 'TLSv1.3'],
    ['chacha.test', 'a.test', 'TLSv1.2'],
  ] as const)('of %s is not resumed at %s (%s)', async (from, to, version) => {
    const seen = await carry(from, to, version);
    expect(seen).toMatchObject({ status: 200, body: to, resumed: false });
  });
});

describe('what a client says first', () => {
  /** A TLS client over something else; the returned socket is what it speaks over. */
  function clientOver(port: number, send: (bytes: Buffer, socket: net.Socket) => void) {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    const front = net.createServer((client) => {
      client.on('data', (bytes: Buffer) => send(bytes, socket));
      socket.pipe(client);
      client.on('error', () => socket.destroy());
      client.on('close', () => socket.destroy());
      front.close();
    });
    socket.on('error', () => {});
    return new Promise<number>((resolve) => {
      front.listen(0, '127.0.0.1', () => resolve((front.address() as net.AddressInfo).port));
    });
  }

  it('may come byte by byte', async () => {
    const port = await open();
    const queue: number[] = [];
    let sending = false;
    const over = await clientOver(port, (bytes, socket) => {
      queue.push(...bytes);
      if (sending) return;
      sending = true;
      const next = (): void => {
        const byte = queue.shift();
        if (byte === undefined) sending = false;
        else socket.write(Buffer.from([byte]), () => setImmediate(next));
      };
      next();
    });
    const seen = await visit(over, { servername: 'a.test' });
    expect(seen).toMatchObject({ status: 200, body: 'a.test', serial: serialOf(pems.a) });
  });

  it('may follow a PROXY protocol header, at once or later', async () => {
    const port = await open({ acceptProxy: true });
    const header = 'PROXY TCP4 192.0.2.7 192.0.2.1 4000 443\r\n';
    let isFirst = true;
    const joined = await clientOver(port, (bytes, socket) => {
      socket.write(isFirst ? Buffer.concat([Buffer.from(header), bytes]) : bytes);
      isFirst = false;
    });
    expect(await visit(joined, { servername: 'a.test' })).toMatchObject({ body: 'a.test' });
    let isLater = false;
    const apart = await clientOver(port, (bytes, socket) => {
      if (isLater) socket.write(bytes);
      else socket.write(header, () => socket.write(bytes));
      isLater = true;
    });
    expect(await visit(apart, { servername: 'a.test' })).toMatchObject({ body: 'a.test' });
  });

  async function reply(port: number, bytes: Buffer | string): Promise<string> {
    const socket = net.connect({ port, host: '127.0.0.1' });
    socket.on('error', () => {});
    let text = '';
    socket.on('data', (piece: Buffer) => {
      text += piece.toString('latin1');
    });
    socket.write(bytes);
    await once(socket, 'close').finally(() => socket.destroy());
    return text;
  }

  it('is answered with 400 when it is a request in plain', async () => {
    const port = await open();
    const socket = net.connect({ port, host: '127.0.0.1' });
    socket.write('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n');
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    expect(bytes.toString()).toMatch(/^HTTP\/1\.1 400 /);
    socket.destroy();
  });

  it.each<[string, Buffer]>([
    ['an alert', Buffer.from([21, 3, 1, 0, 2, 1, 0])],
    ['a hello that is none', Buffer.from([22, 3, 1, 0, 4, 2, 0, 0, 0])],
    ['zeros', Buffer.alloc(100)],
  ])('ends the connection when it is %s', async (_, bytes) => {
    const port = await open();
    const socket = net.connect({ port, host: '127.0.0.1' });
    socket.on('error', () => {});
    socket.resume();
    socket.write(bytes);
    await once(socket, 'close');
    await until('it is counted', () => frontend().requestErrors === 1);
    expect(await visit(port, { servername: 'a.test' })).toMatchObject({ status: 200 });
  });

  it('is waited for as long as the setting says, and no longer than the client is there', async () => {
    const port = await open({ settings: { handshakeTimeoutMs: 200 } });
    const half = Buffer.from([22, 3, 1, 2, 0, 1, 0]);
    expect(await reply(port, half)).toBe('');
    await until('it is counted', () => frontend().requestErrors === 1);
    const leaver = net.connect({ port, host: '127.0.0.1' });
    leaver.end(half);
    await until('the other is, too', () => frontend().requestErrors === 2);
    leaver.destroy();
  });

  it('does not hold up the end of the worker', async () => {
    const port = await open();
    const socket = net.connect({ port, host: '127.0.0.1' });
    socket.on('error', () => {});
    const closed = once(socket.resume(), 'close');
    socket.write(Buffer.from([22, 3, 1, 2, 0, 1, 0]));
    // Connections are taken in their order.
    expect(await visit(port, { servername: 'a.test' })).toMatchObject({ status: 200 });
    await bench.plane.drain(50);
    await closed;
  });
});

describe('a change', () => {
  it('of the plan is for handshakes to come', async () => {
    const port = await open();
    const socket = tls.connect({
      port,
      host: '127.0.0.1',
      servername: 'a.test',
      rejectUnauthorized: false,
    });
    await once(socket, 'secureConnect');
    const late = await serviceFor('late.test', 50);
    bench.publish({
      listeners: [httpsBy([entry(['a.test'], asks('client')), entry(['late.test'])])],
      services: [late],
    });
    socket.write('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
    expect(await visit(port, { servername: 'late.test' })).toMatchObject({ body: 'late.test' });
    expect(await visit(port, { servername: 'a.test' })).toMatchObject({ status: 0 });
    expect(await visit(port, { servername: 'twin.test' })).toMatchObject({ protocol: null });
  });

  it('back to one way for all takes every name again', async () => {
    const port = await open();
    bench.publish({ listeners: [httpsBy([])] });
    const seen = await visit(port, { servername: 'nobody.test' });
    expect(seen).toMatchObject({ status: 503, serial: serialOf(pems.shared) });
  });

  it('of a certificate is for handshakes to come, and sessions live on', async () => {
    const port = await open();
    const before = await visit(port, { servername: 'a.test' });
    const fresh = certificateFor('a.test');
    bench.plane.certify({
      ...CREDENTIALS,
      certificates: [{ path: '/a.pem', pems: [fresh] }],
    });
    expect(await visit(port, { servername: 'a.test' })).toMatchObject({ serial: serialOf(fresh) });
    if (before.session === null) throw new Error('no session was offered');
    const again = await visit(port, { servername: 'a.test', session: before.session });
    expect(again).toMatchObject({ status: 200, resumed: true });
  });
});
