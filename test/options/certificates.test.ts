import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createSecureContext, createServer, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCertificates } from '../../src/options/certificates.ts';
import { makeSelfSigned } from '../../src/options/self-signed.ts';
import { UsageError } from '../../src/options/usage-error.ts';

const DAY_MS = 86_400_000;

/** Serves one greeting over TLS and returns what a client sees of it. */
async function handshake(
  pem: string,
  servername?: string,
): Promise<{ subject: string; protocol: string | null; text: string }> {
  const server = createServer({ cert: pem, key: pem }, (socket) => socket.end('hello'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket: TLSSocket = connect({
    host: '127.0.0.1',
    port,
    rejectUnauthorized: false,
    ...(servername === undefined ? {} : { servername }),
  });
  try {
    await once(socket, 'secureConnect');
    const protocol = socket.getProtocol();
    const subject = String(socket.getPeerX509Certificate()?.subject);
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    await once(socket, 'end');
    return { subject, protocol, text };
  } finally {
    socket.destroy();
    server.close();
  }
}

describe('a self-signed certificate', () => {
  const pem = makeSelfSigned();
  const certificate = new X509Certificate(pem);

  it('is for every name, localhost and 127.0.0.1', () => {
    expect(certificate.subject).toBe('CN=*');
    expect(certificate.issuer).toBe('CN=*');
    expect(certificate.subjectAltName).toBe('DNS:*, DNS:localhost, IP Address:127.0.0.1');
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.ca).toBe(false);
  });

  it('is valid since a day and for ten years', () => {
    const from = Date.parse(certificate.validFrom);
    const to = Date.parse(certificate.validTo);
    expect(Date.now() - from).toBeGreaterThan(DAY_MS - 60_000);
    expect(Date.now() - from).toBeLessThan(2 * DAY_MS);
    expect(to - Date.now()).toBeGreaterThan(3649 * DAY_MS);
  });

  it('is signed by its own key and differs at each start', () => {
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    const other = new X509Certificate(makeSelfSigned());
    expect(other.serialNumber).not.toBe(certificate.serialNumber);
    expect(other.fingerprint256).not.toBe(certificate.fingerprint256);
  });

  it('is well-formed whatever its random serial', () => {
    for (let i = 0; i < 50; i += 1) {
      const one = new X509Certificate(makeSelfSigned());
      expect(one.serialNumber).toMatch(/^[0-9A-F]{1,32}$/);
      expect(one.verify(one.publicKey)).toBe(true);
    }
  });

  it.each([undefined, 'shop.example'])('serves a TLS handshake (server name %s)', async (name) => {
    expect(createSecureContext({ cert: pem, key: pem })).toBeDefined();
    expect(await handshake(pem, name)).toEqual({
      subject: 'CN=*',
      protocol: 'TLSv1.3',
      text: 'hello',
    });
  });

  it.skipIf(!hasOpenssl())('is read by openssl, with its extensions', () => {
    const text = execFileSync('openssl', ['x509', '-text', '-noout'], { input: pem }).toString();
    expect(text).toContain('Version: 3 (0x2)');
    expect(text).toMatch(/Key Usage: critical\s+Digital Signature/);
    expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(text).toContain('TLS Web Server Authentication');
    expect(text).toContain('DNS:*, DNS:localhost, IP Address:127.0.0.1');
  });
});

describe('certificates from files', () => {
  let folder = '';
  const first = makeSelfSigned();
  const second = makeSelfSigned();
  const certificateOf = (pem: string): string =>
    /-----BEGIN C[\s\S]*?END C.*?-----/.exec(pem)?.[0] ?? '';
  const keyOf = (pem: string): string => /-----BEGIN P[\s\S]*?END P.*?-----/.exec(pem)?.[0] ?? '';
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const locked = { cipher: 'aes-256-cbc', passphrase: 'secret', format: 'pem' } as const;

  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'teal-certificates-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['certificate, then key', `${certificateOf(first)}\n${keyOf(first)}\n`],
    ['key, then certificate', `${keyOf(first)}\n${certificateOf(first)}\n`],
    ['a chain and a key', `${certificateOf(first)}\n${certificateOf(second)}\n${keyOf(first)}`],
    ['Windows line ends', first.replaceAll('\n', '\r\n')],
    ['text between the blocks', `subject=CN=*\n${certificateOf(first)}\nBag é\n${keyOf(first)}\n`],
    [
      'EC parameters',
      `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${first}`,
    ],
  ])('with %s are read and serve', async (_, text) => {
    const [pem, ...more] = readCertificates([write('good.pem', text)]);
    expect(more).toEqual([]);
    expect((await handshake(pem ?? '')).text).toBe('hello');
    expect(new X509Certificate(pem ?? '').fingerprint256).toBe(
      new X509Certificate(first).fingerprint256,
    );
  });

  it('keep the order given; a folder is read by name without companions and subfolders', () => {
    const inner = join(folder, 'folder');
    mkdirSync(join(inner, 'sub'), { recursive: true });
    writeFileSync(join(inner, 'b.pem'), certificateOf(first));
    writeFileSync(join(inner, 'b.pem.key'), keyOf(first));
    writeFileSync(join(inner, 'a.pem'), second);
    writeFileSync(join(inner, '.hidden'), 'no certificate');
    writeFileSync(join(inner, 'b.pem.ocsp'), 'no certificate');
    const serials = readCertificates([write('one.pem', first), inner]).map(
      (pem) => new X509Certificate(pem).serialNumber,
    );
    const serial = (pem: string): string => new X509Certificate(pem).serialNumber;
    expect(serials).toEqual([serial(first), serial(second), serial(first)]);
  });

  const bad: readonly (readonly [string, () => string, RegExp])[] = [
    ['a file that is not there', () => join(folder, 'none.pem'), /none\.pem: does not exist/],
    ['an empty file', () => write('empty.pem', ''), /empty\.pem: no certificate in it/],
    ['a key alone', () => write('key.pem', keyOf(first)), /key\.pem: no certificate in it/],
    [
      'a certificate alone',
      () => write('cert.pem', certificateOf(first)),
      /cert\.pem: no private key in it; expected .*cert\.pem\.key/,
    ],
    [
      'the key of another certificate',
      () => write('pair.pem', `${certificateOf(first)}\n${keyOf(second)}`),
      /pair\.pem: the private key does not belong to the certificate/,
    ],
    [
      'a chain in the wrong order',
      () => write('chain.pem', `${certificateOf(second)}\n${first}`),
      /belongs to certificate 2; expected that one first/,
    ],
    ['two keys', () => write('keys.pem', first + keyOf(second)), /several private keys/],
    [
      'a locked key',
      () =>
        write('locked.pem', certificateOf(first) + privateKey.export({ ...locked, type: 'pkcs8' })),
      /pass phrase/,
    ],
    [
      'a locked key in the old form',
      () => write('old.pem', certificateOf(first) + rsa.export({ ...locked, type: 'pkcs1' })),
      /pass phrase/,
    ],
    [
      'a broken certificate',
      () => write('broken.pem', first.replace(/(BEGIN CERTIFICATE-----\n)..../, '$1AAAA')),
      /certificate 1 in it cannot be read/,
    ],
    [
      'a broken key',
      () => write('brokenkey.pem', first.replace(/(PRIVATE KEY-----\n)..../, '$1AAAA')),
      /private key cannot be read/,
    ],
    ['a large file', () => write('large.pem', 'x'.repeat(1_048_577)), /larger than 1 MiB/],
    [
      'an empty folder',
      () => {
        mkdirSync(join(folder, 'empty'), { recursive: true });
        return join(folder, 'empty');
      },
      /the folder holds no file/,
    ],
    ['a device', () => '/dev/null', /neither a file nor a folder/],
  ];
  it.each(bad)('with %s are refused in one clear line', (_, path, message) => {
    expect(() => readCertificates([path()])).toThrow(message);
    try {
      readCertificates([path()]);
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
      expect(String(error)).not.toContain('\n');
      expect(String(error)).not.toContain('PRIVATE KEY-----');
    }
  });

  it('that may not be read are refused by name', () => {
    const path = write('secret.pem', first);
    chmodSync(path, 0);
    // Root may read everything: nobody asks in its place.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) {
      chmodSync(folder, 0o755);
      process.seteuid?.(65_534);
    }
    try {
      expect(() => readCertificates([path])).toThrow(/secret\.pem: may not be read by this user/);
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  it('with several problems name them all', () => {
    const paths = [join(folder, 'no1'), write('fine.pem', first), join(folder, 'no2')];
    expect(() => readCertificates(paths)).toThrow(/no1: does not exist; .*no2: does not exist/);
  });
});

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version']);
    return true;
  } catch {
    return false;
  }
}
