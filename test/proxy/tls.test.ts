import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect as connectTls, type PeerCertificate, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PLAIN_ROUTE } from '../../src/plan/plan.ts';
import { oneValue } from '../support/message.ts';
import { Origin } from '../support/origin.ts';
import { RawClient } from '../support/raw-client.ts';
import { Bench, colour, expectNothingInFlight, listener, service, until } from './plans.ts';

let pems: string[] = [];
let bench = new Bench();
const origins: Origin[] = [];

/** A self-signed certificate with its key, for these names. */
function certificate(folder: string, names: readonly string[]): string {
  const [first = 'none'] = names;
  const key = path.join(folder, 'key.pem');
  const cert = path.join(folder, 'cert.pem');
  const subject = `/CN=${first}`;
  const alternatives = `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`;
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  args.push('-nodes', '-days', '2', '-subj', subject, '-addext', alternatives);
  execFileSync('openssl', [...args, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return readFileSync(cert, 'utf8') + readFileSync(key, 'utf8');
}

beforeAll(() => {
  const folder = mkdtempSync(path.join(tmpdir(), 'teal-tls-'));
  pems = [['default.example'], ['*.shop.example'], ['www.shop.example']].map((names) =>
    certificate(folder, names),
  );
  rmSync(folder, { recursive: true });
});

afterEach(async () => {
  await bench.close();
  for (const origin of origins.splice(0)) await origin.close();
});

afterAll(async () => {
  await bench.close();
});

async function named(name: string): Promise<Origin> {
  const origin = await Origin.answering(
    `HTTP/1.1 200 OK\r\nContent-Length: ${name.length}\r\n\r\n${name}`,
  );
  origins.push(origin);
  return origin;
}

async function open(certificates: readonly string[]): Promise<number> {
  const shop = await named('shop');
  const other = await named('other');
  bench = new Bench({ certificates });
  bench.publish({
    listeners: [listener('https', 443)],
    services: [
      service('/shop', [colour('/shop', [shop])], {
        routes: [{ ...PLAIN_ROUTE, hosts: ['www.shop.example'] }],
      }),
      service('/other', [colour('/other', [other], 10_081)], {
        servicePort: 10_081,
        routes: [{ ...PLAIN_ROUTE, hosts: ['other.example'] }],
      }),
    ],
  });
  return bench.open('*:443');
}

function subjectOf(client: RawClient): string {
  const certificate: PeerCertificate = (client.socket as TLSSocket).getPeerCertificate();
  return String(certificate.subject.CN);
}

describe('the https listener', () => {
  it.each([
    ['www.shop.example', 'www.shop.example'],
    ['WWW.Shop.Example', 'www.shop.example'],
    ['api.shop.example', '*.shop.example'],
    ['unknown.example', 'default.example'],
  ])('shows a client that asks for %s the certificate of %s', async (name, subject) => {
    const port = await open(pems);
    const client = await RawClient.connectTls(port, name);
    expect(subjectOf(client)).toBe(subject);
    client.destroy();
  });

  it('routes by the name of the handshake, by Host without one, and says https to the server', async () => {
    const port = await open(pems);
    const client = await RawClient.connectTls(port, 'www.shop.example');
    const response = await client.request('GET / HTTP/1.1\r\nHost: other.example\r\n\r\n');
    expect(response.body.toString()).toBe('shop');
    const [request] = origins[0]?.requests ?? [];
    expect(oneValue(request!, 'x-forwarded-proto')).toBe('https');
    expect(oneValue(request!, 'x-forwarded-port')).toBe('443');
    client.destroy();
    const nameless = await RawClient.connectTls(port, '');
    expect(subjectOf(nameless)).toBe('default.example');
    const other = await nameless.request('GET / HTTP/1.1\r\nHost: other.example\r\n\r\n');
    expect(other.body.toString()).toBe('other');
    nameless.destroy();
    await until('the end', () => bench.backend('/shop').inFlight === 0);
    expectNothingInFlight(bench);
  });

  it('carries large bodies both ways', async () => {
    const port = await open(pems);
    const client = await RawClient.connectTls(port, 'www.shop.example');
    const body = Buffer.alloc(4 * 1024 * 1024, 'x');
    void client.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`);
    void client.write(body);
    expect((await client.response()).status).toBe(200);
    expect(origins[0]?.requests[0]?.body.equals(body)).toBe(true);
    client.destroy();
  });

  it('refuses protocols older than TLS 1.2 and survives clients that speak no TLS', async () => {
    const port = await open(pems);
    const old = connectTls({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    const failed = await new Promise<boolean>((resolve) => {
      old.on('error', () => resolve(true));
      old.on('secureConnect', () => resolve(false));
    });
    expect(failed).toBe(true);
    const plain = await RawClient.connect(port);
    void plain.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await plain.ended();
    const client = await RawClient.connectTls(port, 'www.shop.example');
    expect((await client.request('GET / HTTP/1.1\r\nHost: a\r\n\r\n')).status).toBe(200);
    client.destroy();
  });

  it('without a certificate, or with one that cannot be used, is not opened and says why', async () => {
    await expect(open([])).rejects.toThrow('no certificate is configured');
    await expect(open(['nonsense'])).rejects.toThrow('certificate 1 cannot be used');
  });
});
