// `teal sse` with certificates that change on disk, and clients behind another balancer.

import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { makeSelfSigned } from '../../src/options/self-signed.ts';
import { writeProxyHeader } from '../../src/proxy/proxy-protocol/write.ts';
import { FakeMarathon, sendJson, until } from '../support/fake-marathon.ts';
import { RawClient } from '../support/raw-client.ts';
import { freePorts } from './free-ports.ts';
import { rawApp } from './raw-apps.ts';
import { isAlive, TealProcess } from './teal-process.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n';
const first = makeSelfSigned();
const second = makeSelfSigned();
const third = makeSelfSigned();

const leaving: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const leave of leaving.splice(0).reverse()) await leave();
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'teal-scenario-'));
  leaving.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Answers with the client's address and protocol as it was told. */
async function origin(): Promise<number> {
  const server = http.createServer(({ headers }, response) => {
    response.end(`${headers['x-forwarded-for']} ${headers['x-forwarded-proto']}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  leaving.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Teal in front of one app; `labels` get its service port. */
async function serve(
  labels: (service: number) => Readonly<Record<string, string>>,
  flags: readonly string[] = [],
) {
  const marathon = await FakeMarathon.start();
  leaving.push(() => marathon.stop());
  const [service = 0, plain = 0, https = 0, appid = 0, stats = 0] = await freePorts(5);
  const port = await origin();
  const app = { HAPROXY_0_PORT: String(service), HAPROXY_0_VHOST: 'a.test' };
  marathon.apps = sendJson({
    apps: [rawApp('/one', { ...app, ...labels(service) }, [{ port }])],
  });
  const teal = new TealProcess([
    ...['sse', '--marathon', marathon.url, '--group', 'external', '--health-check'],
    ...['--bind', '127.0.0.1', '--workers', '2', '--max-backoff', '1'],
    ...['--http-port', String(plain), '--https-port', String(https)],
    ...['--appid-port', String(appid), '--stats-port', String(stats), ...flags],
  ]);
  leaving.push(async () => {
    teal.signal('SIGKILL');
    await teal.exit;
  });
  return { teal, service, plain, https, stats };
}

const live = (teal: TealProcess): Promise<string> =>
  teal.line((line) => line.includes('"msg":"cut-over"'), 'the first colour live', 20_000);

async function secure(port: number): Promise<{ client: RawClient; serial: string }> {
  const socket = tls.connect({
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    servername: 'a.test',
  });
  await once(socket, 'secureConnect');
  const client = new RawClient(socket);
  leaving.push(() => client.destroy());
  return { client, serial: socket.getPeerX509Certificate()?.serialNumber ?? '' };
}

/** Serial numbers that a few new connections see: one when all workers agree. */
async function serials(port: number): Promise<string> {
  const seen = new Set<string>();
  for (let place = 0; place < 6; place += 1) {
    const { client, serial } = await secure(port);
    client.destroy();
    seen.add(serial);
  }
  return [...seen].join(' ');
}

const serialOf = (pem: string): string => new X509Certificate(pem).serialNumber;

/** Resolves when all workers show new connections this certificate. */
async function shows(port: number, serial: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while ((await serials(port)) !== serial) {
    if (Date.now() > deadline) throw new Error(`waited in vain for certificate ${serial}`);
  }
}

async function bodyOf(client: RawClient): Promise<string> {
  const { status, body } = await client.request(REQUEST);
  return `${status} ${body}`;
}

describe('certificates on disk', () => {
  it('are used when they change, on 443 and on a service port, and no connection is dropped', async () => {
    const path = folder();
    const shared = join(path, 'shared.pem');
    const own = join(path, 'own.pem');
    writeFileSync(shared, first);
    writeFileSync(own, second);
    const { teal, service, https, stats } = await serve(
      () => ({ HAPROXY_0_SSL_CERT: own }),
      ['--ssl-certs', shared],
    );
    await live(teal);
    const open = [await secure(https), await secure(service)];
    expect(open[0]?.serial).not.toBe(open[1]?.serial);
    for (const { client } of open) {
      expect(await bodyOf(client)).toBe('200 127.0.0.1 https');
      // The next request is under way while the files change.
      await client.write('GET / HTTP/1.1\r\n');
    }

    writeFileSync(shared, third);
    writeFileSync(own, third);
    const changed = serialOf(third);
    await shows(https, changed);
    await shows(service, changed);
    for (const { client } of open) {
      void client.write('Host: a.test\r\n\r\n');
      expect((await client.response()).status).toBe(200);
    }

    // Broken files: told once, and the last good ones are shown on.
    writeFileSync(shared, third.slice(0, 200));
    await teal.line((line) => line.includes('--ssl-certs cannot be used'), 'the warning');
    writeFileSync(own, 'nothing');
    await teal.line(
      (line) => line.includes('HAPROXY_0_SSL_CERT') && line.includes('is used'),
      'the problem of the app',
    );
    expect([await serials(https), await serials(service)]).toEqual([changed, changed]);
    expect(teal.lines.filter((line) => line.includes('--ssl-certs cannot be used'))).toHaveLength(
      1,
    );
    const page = await RawClient.connect(stats);
    leaving.push(() => page.destroy());
    const shown = await page.request('GET /haproxy?stats HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    expect(shown.body.toString()).toContain('HAPROXY_0_SSL_CERT');
    const said = teal.lines.join('\n') + shown.body.toString();
    for (const line of third.split('\n').filter((one) => one.length > 30)) {
      expect(said).not.toContain(line);
    }
  });

  it('that come late open their port, and a worker that is replaced knows them', async () => {
    const path = folder();
    const own = join(path, 'own.pem');
    const { teal, service } = await serve(() => ({ HAPROXY_0_SSL_CERT: own }));
    await teal.line((line) => line.includes('the port is not served'), 'the problem of the app');
    await expect(secure(service)).rejects.toThrow(/ECONNREFUSED/);
    writeFileSync(own, first);
    await live(teal);
    const { client, serial } = await secure(service);
    expect(await bodyOf(client)).toBe('200 127.0.0.1 https');
    const [worker] = teal.descendants();
    process.kill(worker as number, 'SIGKILL');
    await teal.line((line) => line.includes('another takes its place'), 'the end of the worker');
    await until('another worker', () => teal.descendants().filter(isAlive).length === 2);
    for (let place = 0; place < 6; place += 1) {
      const again = await secure(service);
      expect(again.serial).toBe(serial);
      again.client.destroy();
    }
  });
});

describe('clients behind another balancer', () => {
  it('are told to servers by their header, on a service port and with --accept-proxy on 80', async () => {
    const { teal, service, plain } = await serve(
      () => ({ HAPROXY_0_BIND_OPTIONS: 'accept-proxy' }),
      ['--accept-proxy'],
    );
    await live(teal);
    const ends = {
      source: '203.0.113.7',
      sourcePort: 1,
      destination: '198.51.100.1',
      destinationPort: 80,
    };
    for (const port of [service, plain]) {
      const client = await RawClient.connect(port);
      leaving.push(() => client.destroy());
      void client.write(writeProxyHeader(2, ends));
      expect(await bodyOf(client)).toBe('200 203.0.113.7 http');
      const bare = await RawClient.connect(port);
      leaving.push(() => bare.destroy());
      void bare.write(REQUEST);
      await bare.ended();
      expect(bare.received).toBe('');
    }
  });
});
