import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AccessWish, ListenerSpec } from '../../src/plan/plan.ts';
import type { ProxySettings } from '../../src/proxy/settings.ts';
import { OK, Origin } from '../support/origin.ts';
import { RawClient } from '../support/raw-client.ts';
import { Bench, colour, listener, PLAIN_TLS, service, until } from './plans.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const ALL: AccessWish = { which: 'all', share: 1 };
const NONE: AccessWish = { which: 'none', share: 1 };

let pem = '';
let folder = '';
let bench: Bench;
let origin: Origin;

beforeAll(() => {
  const keys = mkdtempSync(path.join(tmpdir(), 'teal-refusal-'));
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(keys, name));
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  args.push('-nodes', '-days', '2', '-subj', '/CN=a', '-keyout', key as string);
  execFileSync('openssl', [...args, '-out', cert as string], { stdio: 'ignore' });
  pem = readFileSync(cert as string, 'utf8') + readFileSync(key as string, 'utf8');
  rmSync(keys, { recursive: true });
});

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'teal-refusal-'));
  origin = await Origin.answering(OK);
});

afterEach(async () => {
  await bench.close();
  await origin.close();
  rmSync(folder, { recursive: true });
});

afterAll(() => bench.close());

interface Setup {
  readonly listener?: Partial<ListenerSpec>;
  readonly settings?: Partial<ProxySettings>;
  readonly format?: 'httplog' | 'json';
  /** Of the balancer, and of the colour. */
  readonly wish?: AccessWish;
  readonly own?: AccessWish;
}

async function serve({ format = 'httplog', wish = ALL, own, ...setup }: Setup): Promise<number> {
  const to = { kind: 'file', path: path.join(folder, 'log') } as const;
  const accessLog = { format, to, captures: [] };
  bench = new Bench({ accessLog, accessWish: wish, ...setup.settings });
  bench.plane.certify({
    shared: [],
    certificates: [{ path: '/cert.pem', pems: [pem] }],
    authorities: [],
    errorFiles: [],
    ticketKeys: '',
  });
  const blue = { ...colour('/app', [origin]), ...(own === undefined ? {} : { accessLog: own }) };
  bench.publish({
    listeners: [listener('service', 10_080, setup.listener ?? {})],
    services: [service('/app', [blue], { mode: setup.listener?.mode ?? 'http' })],
  });
  return bench.open('*:10080');
}

const TLS = { tls: { ...PLAIN_TLS, certificates: ['/cert.pem'] } };

async function lines(count = 1): Promise<string[]> {
  let found: string[] = [];
  await until(`${count} lines of the log`, () => {
    try {
      found = readFileSync(path.join(folder, 'log'), 'utf8').split('\n').slice(0, -1);
    } catch {
      // Not opened yet.
    }
    return found.length >= count;
  });
  return found;
}

/** A line without its date, and with `PORT` for that of the client. */
const plain = (line: string, port: number | undefined): string =>
  line.replace(/\[\d\d\/[^\]]+\]/, '[DATE]').replace(`:${port} `, ':PORT ');

async function refusedAs(port: number, bytes: string): Promise<string> {
  const client = await RawClient.connect(port);
  await client.write(bytes);
  const { localPort } = client.socket;
  const [line = ''] = await lines();
  client.destroy();
  return plain(line, localPort);
}

describe('a connection that never became a client', () => {
  it.each([
    ['no TLS', TLS, 'hello, world', 'SSL handshake failure'],
    ['plain HTTP in place of TLS', TLS, GET, 'SSL handshake failure'],
    [
      'no header where one is asked for',
      { acceptProxy: true },
      GET,
      'Received something which does not look like a PROXY protocol header',
    ],
    [
      'a header that is none',
      { acceptProxy: true },
      'PROXY TCP4 x\r\n',
      'Received an invalid PROXY protocol header',
    ],
  ])('has a line in the words of HAProxy: %s', async (_what, listens, bytes, words) => {
    const port = await serve({ listener: listens });
    expect(await refusedAs(port, bytes)).toBe(`127.0.0.1:PORT [DATE] app_10080/1: ${words}`);
    await until('it is counted', () => bench.frontend('/app').requestErrors === 1);
  });

  it.each([
    ['a handshake', TLS, 'Timeout during SSL handshake'],
    ['a header', { acceptProxy: true }, 'Timeout while waiting for PROXY protocol header'],
  ])('has a line when it lets %s be waited for', async (_what, listens, words) => {
    const settings = { handshakeTimeoutMs: 50, requestHeadTimeoutMs: 50 };
    const port = await serve({ listener: listens, settings });
    expect(await refusedAs(port, '')).toBe(`127.0.0.1:PORT [DATE] app_10080/1: ${words}`);
  });

  it('is told by whom its PROXY header named', async () => {
    const port = await serve({ listener: { ...TLS, acceptProxy: true } });
    const bytes = 'PROXY TCP4 192.0.2.7 192.0.2.8 1234 443\r\nno handshake at all';
    expect(await refusedAs(port, bytes)).toMatch(
      /^192\.0\.2\.7:1234 \[DATE\] app_10080\/1: SSL handshake failure$/,
    );
  });

  it('has an object in JSON', async () => {
    const port = await serve({ listener: TLS, format: 'json' });
    const line = await refusedAs(port, 'hello, world');
    expect(JSON.parse(line)).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]+\.\d{3}Z$/),
      name: 'teal',
      log: 'access',
      kind: 'refused',
      client: '127.0.0.1',
      clientPort: expect.any(Number),
      frontend: 'app_10080',
      fault: 'SSL handshake failure',
    });
  });

  it('has none when it comes and goes without a word, as a probe does', async () => {
    const port = await serve({ listener: TLS });
    const probe = await RawClient.connect(port);
    probe.end();
    await until('it is counted', () => bench.frontend('/app').requestErrors === 1);
    expect(await refusedAs(port, 'hello, world')).toContain('SSL handshake failure');
    expect(await lines()).toHaveLength(1);
  });
});

describe('a connection without a place', () => {
  const full = { settings: { listenerMaxConnections: 1 } };

  it('has the line of a request that was answered 503 for want of a resource', async () => {
    const port = await serve(full);
    const first = await RawClient.connect(port);
    await first.request(GET);
    const second = await RawClient.connect(port);
    const { localPort } = second.socket;
    const { status } = await second.response();
    expect(status).toBe(503);
    const refused = (await lines(2)).find((line) => line.includes('<BADREQ>')) ?? '';
    expect(plain(refused, localPort)).toMatch(
      /^127\.0\.0\.1:PORT \[DATE\] app_10080 app_10080\/<NOSRV> -1\/-1\/-1\/-1\/0 503 \d+ - - RR-- \d+\/\d+\/0\/0\/0 0\/0 "<BADREQ>"$/,
    );
    expect(bench.frontend('/app')).toMatchObject({ deniedConnections: 1, deniedRequests: 0 });
    for (const client of [first, second]) client.destroy();
  });

  it('has a line that says so where it cannot be told', async () => {
    const port = await serve({ ...full, listener: { mode: 'tcp' } });
    const first = await RawClient.connect(port);
    await until('it is in', () => bench.frontend('/app').inFlight === 1);
    const second = await RawClient.connect(port);
    const { localPort } = second.socket;
    expect(plain((await lines())[0] ?? '', localPort)).toBe(
      '127.0.0.1:PORT [DATE] app_10080/1: Too many connections',
    );
    for (const client of [first, second]) client.destroy();
  });
});

describe('what the log of a refusal goes by', () => {
  it('is the wish of the colour that is live on its port', async () => {
    const port = await serve({ wish: NONE, own: ALL });
    expect(await refusedAs(port, 'NONSENSE\r\n\r\n')).toContain('"<BADREQ>"');
  });

  it('is silence where that colour says off', async () => {
    const port = await serve({ listener: TLS, own: NONE });
    const client = await RawClient.connect(port);
    await client.write('hello, world');
    await until('it is counted', () => bench.frontend('/app').requestErrors === 1);
    await bench.close();
    expect(() => readFileSync(path.join(folder, 'log'))).toThrow('ENOENT');
    client.destroy();
  });
});
