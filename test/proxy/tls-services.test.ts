// TLS on service ports: handshakes with real certificates, swapped and asked of clients.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeSelfSigned } from '../../src/options/self-signed.ts';
import type { ListenerSpec, TlsSpec } from '../../src/plan/plan.ts';
import type { Credentials } from '../../src/proxy/credentials.ts';
import { oneValue } from '../support/message.ts';
import { Origin } from '../support/origin.ts';
import { RawClient } from '../support/raw-client.ts';
import { Bench, colour, listener, PLAIN_TLS, service, until } from './plans.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const first = makeSelfSigned();
const second = makeSelfSigned();
let clientPem = '';
let strangerPem = '';

let bench = new Bench();
const origins: Origin[] = [];
const clients: RawClient[] = [];
/** What the workers are given, besides certificates by path. */
const NONE = {
  shared: [],
  certificates: [],
  authorities: [],
  errorFiles: [],
  ticketKeys: '',
} as const;

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await bench.close();
  for (const origin of origins.splice(0)) await origin.close();
});

function credentials(pems: readonly string[], authority = ''): Credentials {
  return {
    ...NONE,
    certificates: [{ path: '/cert.pem', pems }],
    authorities: authority === '' ? [] : [{ path: '/ca.pem', pems: [authority] }],
  };
}

interface Wish extends Partial<ListenerSpec> {
  readonly spec?: Partial<TlsSpec>;
}

function tlsListener({ spec = {}, ...more }: Wish = {}): ListenerSpec {
  const tlsSpec: TlsSpec = { ...PLAIN_TLS, certificates: ['/cert.pem'], ...spec };
  return listener('service', 10_080, { tls: tlsSpec, ...more });
}

async function open(
  origin: Origin,
  wish: Wish = {},
  given = credentials([first]),
  handshakeTimeoutMs = 60_000,
) {
  const settings = { requestHeadTimeoutMs: 60_000, keepAliveTimeoutMs: 60_000 };
  bench = new Bench({ ...settings, handshakeTimeoutMs });
  bench.plane.certify(given);
  bench.publish({
    listeners: [tlsListener(wish)],
    services: [service('/app', [colour('/app', [origin])], { mode: wish.mode ?? 'http' })],
  });
  return bench.open('*:10080');
}

async function answering(): Promise<Origin> {
  const origin = await Origin.answering(OK);
  origins.push(origin);
  return origin;
}

/** Connects; null when the handshake fails, or the connection ends right after it. */
async function shake(port: number, options: tls.ConnectionOptions = {}) {
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  const closed = new Promise<null>((resolve) => {
    socket.on('error', () => resolve(null));
    socket.on('close', () => resolve(null));
  });
  const secured = once(socket, 'secureConnect').then(
    () => socket,
    () => null,
  );
  const done = await Promise.race([secured, closed]);
  if (done === null) return null;
  const client = new RawClient(socket);
  clients.push(client);
  return client;
}

async function ask(client: RawClient | null): Promise<number> {
  if (client === null) return 0;
  void client.write(REQUEST);
  return client.response().then(
    ({ status }) => status,
    () => 0,
  );
}

function tlsOf(client: RawClient | null): tls.TLSSocket {
  if (client === null) throw new Error('the handshake failed');
  return client.socket as tls.TLSSocket;
}

const serialOf = (client: RawClient | null): string =>
  tlsOf(client).getPeerX509Certificate()?.serialNumber ?? '';

/** For any use, its own authority; certificate and key in one text. */
function certificateFor(name: string, key = 'ec'): string {
  const args = ['req', '-x509', '-newkey', key];
  if (key === 'ec') args.push('-pkeyopt', 'ec_paramgen_curve:prime256v1');
  args.push('-nodes', '-days', '2', '-subj', `/CN=${name}`, '-keyout', '-', '-out', '-');
  return execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
}

beforeAll(() => {
  clientPem = certificateFor('client');
  strangerPem = certificateFor('stranger');
});

describe('a service port with a certificate', () => {
  it('speaks TLS and tells its servers https', async () => {
    const origin = await answering();
    const client = await shake(await open(origin), { ALPNProtocols: ['h2', 'http/1.1'] });
    expect(await ask(client)).toBe(200);
    const [request] = origin.requests;
    expect(oneValue(request!, 'x-forwarded-proto')).toBe('https');
    expect(oneValue(request!, 'x-forwarded-port')).toBe('10080');
    expect(tlsOf(client).alpnProtocol).toBe('http/1.1');
    expect(tlsOf(client).getProtocol()).toBe('TLSv1.3');
  });

  it('answers a plain request with 400 and goes on', async () => {
    const origin = await answering();
    const port = await open(origin);
    const plain = await RawClient.connect(port);
    void plain.write(REQUEST);
    expect((await plain.response()).status).toBe(400);
    await plain.ended();
    expect(bench.frontend('/app').requestErrors).toBe(1);
    expect(await ask(await shake(port))).toBe(200);
    expect(origin.requests).toHaveLength(1);
  });

  it('waits for a handshake as long as the setting says', async () => {
    const port = await open(await answering(), {}, credentials([first]), 200);
    const silent = await RawClient.connect(port);
    const slow = await RawClient.connect(port);
    await slow.write('\x16\x03\x01');
    await Promise.all([silent.ended(), slow.ended()]);
    await until('both are counted', () => bench.frontend('/app').requestErrors === 2);
  });

  it('survives clients that ask in plain and are gone before the answer', async () => {
    const port = await open(await answering());
    for (let place = 0; place < 40; place += 1) {
      const one = await RawClient.connect(port);
      // Accepted by now: the listener is in this very process.
      await new Promise(setImmediate);
      void one.write(REQUEST.repeat(20));
      one.reset();
    }
    await until('all are counted', () => bench.frontend('/app').requestErrors === 40);
    expect(await ask(await shake(port))).toBe(200);
  });

  it('ends and counts whatever else is no handshake', async () => {
    const port = await open(await answering());
    for (const bytes of ['\x16\x03\x01\x00\x05hello', '\x7f'.repeat(50), '\0'.repeat(1_000)]) {
      const client = await RawClient.connect(port);
      void client.write(bytes);
      await client.ended();
    }
    const gone = await RawClient.connect(port);
    gone.reset();
    const left = await RawClient.connect(port);
    void left.write('\x16\x03\x01');
    left.end();
    await left.ended();
    await until('all are counted', () => bench.frontend('/app').requestErrors === 5);
    expect(bench.frontend('/app').inFlight).toBe(0);
  });

  it('carries a TCP service, half-closed both ways', async () => {
    const origin = await Origin.scripted(async (connection) => {
      await connection.incoming.through('question');
      await connection.ended();
      await connection.write('answer');
      connection.end();
    });
    origins.push(origin);
    const client = await shake(await open(origin, { mode: 'tcp' }), {
      allowHalfOpen: true,
    } as object);
    await client?.write('question');
    client?.end();
    await client?.ended();
    expect(client?.received).toBe('answer');
  });

  it.each<readonly [string, Partial<TlsSpec>, tls.ConnectionOptions, string | null]>([
    ['TLS 1.2 by default', {}, { maxVersion: 'TLSv1.2' }, 'TLSv1.2'],
    [
      'not TLS 1.1 by default',
      {},
      { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' },
      null,
    ],
    [
      'TLS 1.0 where it is asked for',
      { minVersion: 'TLSv1' },
      { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' },
      'TLSv1',
    ],
    ['nothing below a minimum', { minVersion: 'TLSv1.3' }, { maxVersion: 'TLSv1.2' }, null],
    ['nothing above a maximum', { maxVersion: 'TLSv1.2' }, {}, 'TLSv1.2'],
    [
      'no cipher that is not listed',
      { ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' },
      { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' },
      null,
    ],
    [
      'a cipher that is',
      { ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' },
      { maxVersion: 'TLSv1.2' },
      'TLSv1.2',
    ],
    [
      'no suite that is not listed',
      { ciphersuites: 'TLS_AES_256_GCM_SHA384', minVersion: 'TLSv1.3' },
      { ciphers: 'TLS_AES_128_GCM_SHA256' },
      null,
    ],
    ['a suite that is', { ciphersuites: 'TLS_AES_256_GCM_SHA384' }, {}, 'TLSv1.3'],
    ['no protocol but http/1.1', {}, { ALPNProtocols: ['h2'] }, null],
    [
      'no suite that Marathon-LB does not',
      {},
      { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' },
      null,
    ],
  ])('speaks %s', async (_, spec, options, protocol) => {
    const client = await shake(await open(await answering(), { spec }), options);
    expect(client === null ? null : (client.socket as tls.TLSSocket).getProtocol()).toBe(protocol);
    expect(await ask(client)).toBe(protocol === null ? 0 : 200);
  });

  it('exchanges keys by finite fields with clients that know nothing else, as Marathon-LB does', async () => {
    const port = await open(await answering(), {}, credentials([certificateFor('a', 'rsa:2048')]));
    const ciphers = 'DHE-RSA-AES128-GCM-SHA256';
    const client = await shake(port, { maxVersion: 'TLSv1.2', ciphers });
    expect(tlsOf(client).getCipher().name).toBe(ciphers);
    expect(await ask(client)).toBe(200);
  });

  it('shows each client the certificate of the kind it can read, where there are two for a name', async () => {
    const rsa = certificateFor('a.test', 'rsa:2048');
    const ec = certificateFor('a.test');
    const other = certificateFor('b.test', 'rsa:2048');
    const port = await open(await answering(), {}, credentials([ec, other, rsa]));
    const kindOf = async (servername: string, ciphers: string) => {
      const client = await shake(port, { servername, maxVersion: 'TLSv1.2', ciphers });
      const certificate = tlsOf(client).getPeerX509Certificate();
      expect(await ask(client)).toBe(200);
      return `${certificate?.subject} ${certificate?.publicKey.asymmetricKeyType}`;
    };
    expect(await kindOf('a.test', 'ECDHE-ECDSA-AES128-GCM-SHA256')).toBe('CN=a.test ec');
    expect(await kindOf('a.test', 'ECDHE-RSA-AES128-GCM-SHA256')).toBe('CN=a.test rsa');
    expect(await kindOf('unknown.test', 'ECDHE-RSA-AES128-GCM-SHA256')).toBe('CN=a.test rsa');
    expect(await kindOf('b.test', 'ECDHE-RSA-AES128-GCM-SHA256')).toBe('CN=b.test rsa');
  });

  it('shows a name its own certificates only, the one that each client can read', async () => {
    const [first, rsa, ec, alone] = await Promise.all([
      certificateFor('first.test'),
      certificateFor('both.test', 'rsa:2048'),
      certificateFor('both.test'),
      certificateFor('rsa.test', 'rsa:2048'),
    ]);
    for (const both of [
      [rsa, ec],
      [ec, rsa],
    ]) {
      const port = await open(await answering(), {}, credentials([first, ...both, alone]));
      const shown = async (servername: string, ciphers?: string) => {
        const ALPNProtocols = ['h2', 'http/1.1'];
        const version = ciphers === undefined ? {} : { ciphers, maxVersion: 'TLSv1.2' as const };
        const client = await shake(port, { servername, ALPNProtocols, ...version });
        expect(await ask(client)).toBe(200);
        const certificate = tlsOf(client).getPeerX509Certificate();
        const { alpnProtocol } = tlsOf(client);
        return `${certificate?.subject} ${certificate?.publicKey.asymmetricKeyType} ${alpnProtocol}`;
      };
      expect(await shown('both.test', 'ECDHE-ECDSA-AES128-GCM-SHA256')).toBe(
        'CN=both.test ec http/1.1',
      );
      expect(await shown('both.test', 'ECDHE-RSA-AES128-GCM-SHA256')).toBe(
        'CN=both.test rsa http/1.1',
      );
      expect(await shown('both.test')).toBe('CN=both.test ec http/1.1');
      expect(await shown('rsa.test')).toBe('CN=rsa.test rsa http/1.1');
      expect(await shown('else.test')).toBe('CN=first.test ec http/1.1');
      await bench.close();
    }
  });

  it('resumes the sessions of any name, without keys from outside too', async () => {
    const other = certificateFor('other.test');
    const port = await open(await answering(), {}, credentials([first, other]));
    for (const servername of ['', 'other.test']) {
      const socket = tlsOf(await shake(port, { servername }));
      const ticket = once(socket, 'session');
      expect(await ask(clients.at(-1) ?? null)).toBe(200);
      const [session] = (await ticket) as [Buffer];
      const resumed = await shake(port, { servername, session });
      expect(tlsOf(resumed).isSessionReused()).toBe(true);
      expect(await ask(resumed)).toBe(200);
    }
  });

  it('refuses a client that wants to shake hands again, and goes on', async () => {
    const port = await open(await answering());
    const client = await shake(port, { maxVersion: 'TLSv1.2' });
    expect(await ask(client)).toBe(200);
    const refused = once(tlsOf(client), 'error');
    tlsOf(client).renegotiate({}, () => {});
    const [error] = await refused;
    expect(error).toMatchObject({ code: 'ERR_SSL_NO_RENEGOTIATION' });
    expect(await ask(await shake(port))).toBe(200);
  });

  it('without a certificate is not opened and says why', async () => {
    await expect(open(await answering(), {}, credentials([]))).rejects.toThrow(/no certificate/);
  });
});

describe('a port that asks clients for certificates', () => {
  const spec = { clientCertificate: 'required', authorities: '/ca.pem' } as const;

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'serves those of its authority and no other (%s)',
    async (maxVersion) => {
      const origin = await answering();
      const port = await open(origin, { spec }, credentials([first], clientPem));
      const version = { maxVersion, minVersion: maxVersion };
      const known = await shake(port, { ...version, cert: clientPem, key: clientPem });
      expect(await ask(known)).toBe(200);
      const stranger = await shake(port, { ...version, cert: strangerPem, key: strangerPem });
      expect(await ask(stranger)).toBe(0);
      expect(await ask(await shake(port, version))).toBe(0);
      expect(origin.requests).toHaveLength(1);
      await until('both are counted', () => bench.frontend('/app').requestErrors === 2);
    },
  );

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'resumes no session that was made without one (%s)',
    async (maxVersion) => {
      const ticketKeys = 'ab'.repeat(48);
      const origin = await answering();
      const port = await open(origin, {}, { ...credentials([first], clientPem), ticketKeys });
      const session = await sessionOf(port, maxVersion);
      // The session can be resumed as long as nothing is asked.
      const resumed = await shake(port, { session, maxVersion });
      expect(tlsOf(resumed).isSessionReused()).toBe(true);
      bench.publish({ listeners: [tlsListener({ spec })] });
      expect(await ask(await shake(port, { session, maxVersion }))).toBe(0);
    },
  );

  it('without an authority is not opened', async () => {
    const opening = open(await answering(), { spec }, credentials([first]));
    await expect(opening).rejects.toThrow(/no authority for client certificates/);
  });
});

async function sessionOf(port: number, maxVersion: 'TLSv1.2' | 'TLSv1.3'): Promise<Buffer> {
  const socket = tlsOf(await shake(port, { maxVersion }));
  const ticket = maxVersion === 'TLSv1.3' ? once(socket, 'session') : null;
  expect(await ask(clients.at(-1) ?? null)).toBe(200);
  if (ticket === null) return socket.getSession() as Buffer;
  const [session] = (await ticket) as [Buffer];
  return session;
}

describe('a certificate that changes', () => {
  it('is shown to new connections; open ones, and handshakes under way, end as they began', async () => {
    const origin = await answering();
    const port = await open(origin);
    const before = await shake(port);
    expect(await ask(before)).toBe(200);
    // A handshake whose client has not said everything yet.
    const below = net.connect(port, '127.0.0.1');
    await once(below, 'connect');
    await until('it was accepted', () => bench.plane.report().pools.length > 0);
    bench.plane.certify(credentials([second]));
    const after = await shake(port);
    expect(serialOf(after)).not.toBe(serialOf(before));
    expect(await ask(after)).toBe(200);
    expect(await ask(before)).toBe(200);
    const late = tls.connect({ socket: below, rejectUnauthorized: false });
    await once(late, 'secureConnect');
    const slow = new RawClient(late);
    clients.push(slow);
    expect(await ask(slow)).toBe(200);
    expect(bench.frontend('/app').requestErrors).toBe(0);
  });

  it('again and again fails no handshake and no request', async () => {
    const port = await open(await answering());
    let swaps = 0;
    const swapping = setInterval(() => {
      swaps += 1;
      bench.plane.certify(credentials([swaps % 2 === 0 ? first : second]));
    }, 2);
    const seen = new Set<string>();
    const visitor = async (): Promise<void> => {
      for (let place = 0; place < 15; place += 1) {
        const client = await shake(port);
        seen.add(serialOf(client));
        expect(await ask(client)).toBe(200);
        expect(await ask(client)).toBe(200);
        client?.destroy();
      }
    };
    await Promise.all(Array.from({ length: 10 }, visitor)).finally(() => clearInterval(swapping));
    expect(seen.size).toBe(2);
    expect(swaps).toBeGreaterThan(2);
    expect(bench.frontend('/app').requestErrors).toBe(0);
  });

  it.each([
    ['is broken', ['nonsense']],
    ['is gone', []],
  ])('and %s leaves the old one in use', async (_, pems) => {
    const port = await open(await answering());
    const serial = serialOf(await shake(port));
    bench.plane.certify(credentials(pems));
    const client = await shake(port);
    expect(serialOf(client)).toBe(serial);
    expect(await ask(client)).toBe(200);
  });

  it('keeps sessions: they are resumed, and on another worker too', async () => {
    const ticketKeys = 'cd'.repeat(48);
    const origin = await answering();
    const port = await open(origin, {}, { ...credentials([first]), ticketKeys });
    const session = await sessionOf(port, 'TLSv1.3');
    const other = new Bench();
    other.plane.certify({ ...credentials([second]), ticketKeys });
    other.publish({
      listeners: [tlsListener()],
      services: [service('/app', [colour('/app', [origin])])],
    });
    const client = await shake(await other.open('*:10080'), { session });
    expect(tlsOf(client).isSessionReused()).toBe(true);
    expect(await ask(client)).toBe(200);
    client?.destroy();
    await other.close();
  });

  it('begins with a cut-over: the port speaks as the new colour asks', async () => {
    const origin = await answering();
    bench = new Bench();
    bench.plane.certify(credentials([first]));
    bench.publish({
      listeners: [listener('service', 10_080)],
      services: [service('/app', [colour('/app', [origin])])],
    });
    const port = await bench.open('*:10080');
    const before = await RawClient.connect(port);
    clients.push(before);
    expect(await ask(before)).toBe(200);
    bench.publish({ listeners: [tlsListener()] });
    expect(await ask(await shake(port))).toBe(200);
    expect(await ask(before)).toBe(200);
  });

  it('lets a worker that ends finish a handshake and its request', async () => {
    const origin = await answering();
    const port = await open(origin);
    const below = net.connect(port, '127.0.0.1');
    await once(below, 'connect');
    // Its connection is known once another one has come and gone.
    (await shake(port))?.destroy();
    const draining = bench.plane.drain(20_000);
    const late = tls.connect({ socket: below, rejectUnauthorized: false });
    await once(late, 'secureConnect');
    const client = new RawClient(late);
    clients.push(client);
    expect(await ask(client)).toBe(200);
    await client.ended();
    client.end();
    expect(await draining).toBe(0);
  });
});
