import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Claim, TlsSpec } from '../../src/catalogue/claim.ts';
import { PLAIN_ROUTE } from '../../src/catalogue/policy.ts';
import { Certificates } from '../../src/cli/certificates.ts';
import { type Logger, SILENT } from '../../src/log/logger.ts';
import { makeSelfSigned } from '../../src/options/self-signed.ts';
import { claim } from '../plan/claims.ts';

const NONE = { paths: [], fromFiles: [], fixed: [] };

const first = makeSelfSigned();
const second = makeSelfSigned();
let folder = '';
let said: string[] = [];
const log: Logger = {
  ...SILENT,
  info: (fields, message) => said.push(`info ${message} ${JSON.stringify(fields)}`),
  warn: (fields, message) => said.push(`warn ${message} ${JSON.stringify(fields)}`),
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'teal-certs-'));
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function secure(appId: string, certificate: string, more: Partial<TlsSpec> = {}): Claim {
  const tls: TlsSpec = {
    certificates: [certificate],
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers: '',
    ciphersuites: '',
    clientCertificate: 'unasked',
    authorities: '',
    ...more,
  };
  return claim(appId, { tls });
}

describe('claims with certificates', () => {
  it('are served with what their files hold; others are not touched', () => {
    const path = write('a.pem', first);
    const certificates = new Certificates(NONE, SILENT);
    const claims = [secure('/a', path), claim('/b')];
    expect(certificates.guard(claims)).toEqual({ claims, problems: [] });
    expect(certificates.credentials.certificates.map((one) => one.path)).toEqual([path]);
    expect(certificates.credentials.certificates[0]?.pems[0]).toContain('BEGIN CERTIFICATE');
    const before = certificates.credentials;
    certificates.guard(claims);
    expect(certificates.look()).toBe(false);
    expect(certificates.credentials).toBe(before);
  });

  it('whose file was never good are left out, with a problem of that app alone', () => {
    const path = join(folder, 'none.pem');
    const certificates = new Certificates(NONE, SILENT);
    const other = secure('/b', write('b.pem', first));
    const { claims, problems } = certificates.guard([secure('/a', path), other]);
    expect(claims).toEqual([other]);
    const message = 'does not exist; the port is not served';
    expect(problems).toEqual([{ app: '/a', where: 'HAPROXY_0_SSL_CERT', value: path, message }]);
    writeFileSync(path, second);
    expect(certificates.look()).toBe(true);
    expect(certificates.guard([secure('/a', path), other]).problems).toEqual([]);
  });

  it('whose file is broken later are served on, with a problem', () => {
    const path = write('a.pem', first);
    const certificates = new Certificates(NONE, SILENT);
    certificates.guard([secure('/a', path)]);
    writeFileSync(path, 'x');
    certificates.look();
    expect(certificates.look()).toBe(true);
    const { claims, problems } = certificates.guard([secure('/a', path)]);
    expect(claims).toHaveLength(1);
    expect(problems[0]?.message).toMatch(/what could be read of it, now or before, is used$/);
    expect(certificates.credentials.certificates[0]?.pems).toHaveLength(1);
  });

  it('that must ask clients for certificates are not served without an authority', () => {
    const path = write('a.pem', first);
    const certificates = new Certificates(NONE, SILENT);
    const required = { clientCertificate: 'required' } as const;
    const missing = secure('/a', path, { ...required, authorities: join(folder, 'ca.pem') });
    expect(certificates.guard([secure('/a', path, required)]).claims).toEqual([]);
    const { claims, problems } = certificates.guard([missing]);
    expect(claims).toEqual([]);
    expect(problems).toMatchObject([{ where: 'HAPROXY_0_BIND_OPTIONS', app: '/a' }]);
    write('ca.pem', first);
    expect(certificates.look()).toBe(true);
    expect(certificates.guard([missing])).toEqual({ claims: [missing], problems: [] });
    expect(certificates.credentials.authorities[0]?.pems[0]).not.toContain('PRIVATE KEY');
  });

  it('of virtual hosts may do with the shared certificates where https is grouped', () => {
    const ca = write('ca.pem', first);
    const certificates = new Certificates(NONE, SILENT);
    const asks = { clientCertificate: 'required', authorities: ca } as const;
    const routes = [{ ...PLAIN_ROUTE, hosts: ['a.test'] }];
    const bare = (authorities = ca): Claim => {
      const { tls, ...one } = secure('/a', '', { ...asks, certificates: [], authorities });
      return { ...one, tls, routes };
    };
    const named = bare();
    expect(certificates.guard([named]).claims).toEqual([]);
    expect(certificates.guard([named], true)).toEqual({ claims: [named], problems: [] });
    expect(certificates.guard([{ ...named, routes: [] }], true).claims).toEqual([]);
    expect(certificates.guard([bare(join(folder, 'none.pem'))], true).claims).toEqual([]);
    // What keeps everybody out has no authority at all.
    expect(certificates.guard([bare('')], true).claims).toEqual([]);
  });

  it('in plain are left out if their hosts cannot be guarded as asked where https is grouped', () => {
    const certificates = new Certificates(NONE, SILENT);
    const { tls } = secure('/a', '', { certificates: [], ciphers: 'NONSENSE' });
    if (tls === null) throw new Error('no TLS');
    const routes = [{ ...PLAIN_ROUTE, hosts: ['a.test'] }];
    const plain = { ...claim('/a'), routes, hostTls: tls };
    expect(certificates.guard([plain])).toEqual({ claims: [plain], problems: [] });
    const { claims, problems } = certificates.guard([plain], true);
    expect(claims).toEqual([]);
    expect(problems).toMatchObject([{ app: '/a', where: 'HAPROXY_0_BIND_OPTIONS' }]);
  });

  it('with ciphers that OpenSSL does not know are left out', () => {
    const certificates = new Certificates(NONE, SILENT);
    const path = write('a.pem', first);
    const { claims, problems } = certificates.guard([secure('/a', path, { ciphers: 'NONSENSE' })]);
    expect(claims).toEqual([]);
    expect(problems[0]).toMatchObject({ where: 'HAPROXY_0_BIND_OPTIONS', value: 'NONSENSE' });
    expect(problems[0]?.message).toMatch(/no cipher match; expected ciphers that OpenSSL knows/);
    const good = secure('/a', path, { ciphersuites: 'TLS_AES_128_GCM_SHA256' });
    expect(certificates.guard([good]).problems).toEqual([]);
  });

  it('that name a folder of other things are told in a few lines, and wait for no file of the kernel', () => {
    for (let place = 0; place < 50; place += 1) write(`file-${place}`, 'x');
    const { claims, problems } = new Certificates(NONE, SILENT).guard([
      secure('/a', folder),
      secure('/b', '/proc/kmsg'),
    ]);
    expect(claims).toEqual([]);
    expect(problems.filter(({ app }) => app === '/a')).toHaveLength(4);
    expect(problems[3]?.message).toBe('47 more files cannot be used; the port is not served');
    expect(problems.filter(({ app }) => app === '/b')).toHaveLength(1);
  });

  it('that are gone leave no key behind', () => {
    const certificates = new Certificates(NONE, SILENT);
    certificates.guard([secure('/a', write('a.pem', first))]);
    certificates.guard([claim('/b')]);
    expect(certificates.credentials.certificates).toEqual([]);
  });

  it('never bring a key into a problem or the log', () => {
    const certificates = new Certificates(
      { paths: [write('s.pem', first)], fromFiles: [first], fixed: [] },
      log,
    );
    const path = write('a.pem', first.replace(/(PRIVATE KEY-----\n)..../, '$1AAAA'));
    const { problems } = certificates.guard([secure('/a', path)]);
    write('s.pem', second.replace(/(PRIVATE KEY-----\n)..../, '$1AAAA'));
    certificates.look();
    certificates.look();
    const text = JSON.stringify([problems, said]);
    expect(problems).toHaveLength(1);
    expect(said).toHaveLength(1);
    for (const line of [...first.split('\n'), ...second.split('\n')]) {
      if (/^[A-Za-z0-9+/=]{20,}$/.test(line)) expect(text).not.toContain(line);
    }
  });
});

describe('the certificates of --ssl-certs', () => {
  it('are followed on disk; a broken file is told once and the last good one kept', () => {
    const path = write('s.pem', first);
    const certificates = new Certificates({ paths: [path], fromFiles: [first], fixed: [] }, log);
    writeFileSync(path, second);
    expect(certificates.look()).toBe(true);
    const [now = ''] = certificates.credentials.shared;
    expect(now.replace(/\s/g, '')).toBe(second.replace(/\s/g, ''));
    writeFileSync(path, 'x');
    for (let looks = 0; looks < 5; looks += 1) certificates.look();
    expect(certificates.credentials.shared).toEqual([now]);
    expect(said.map((line) => line.slice(0, 4))).toEqual(['info', 'warn']);
    expect(said[1]).toContain('no certificate in it');
    writeFileSync(path, first);
    expect(certificates.look()).toBe(true);
    expect(said).toHaveLength(3);
  });

  it('are the ones given where there are no files', () => {
    const certificates = new Certificates({ ...NONE, fixed: [first] }, SILENT);
    expect(certificates.credentials.shared).toEqual([first]);
    expect(certificates.credentials.ticketKeys).toMatch(/^[0-9a-f]{96}$/);
    expect(certificates.look()).toBe(false);
  });
});
