import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readAuthorities, readCertificate } from '../../src/options/certificates.ts';
import { PemPath } from '../../src/options/pem-path.ts';
import { makeSelfSigned } from '../../src/options/self-signed.ts';

const first = makeSelfSigned();
const second = makeSelfSigned();
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'teal-pem-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Certificates differ in the first line after the head. */
function sameText(pem: string | undefined, text: string): boolean {
  return pem !== undefined && pem.replace(/\s/g, '') === text.replace(/\s/g, '');
}

describe('a PEM path', () => {
  it('gives what it holds, and sees no change where none is', () => {
    const one = new PemPath(write('a.pem', first), readCertificate);
    expect(one.pems).toHaveLength(1);
    expect(sameText(one.pems[0], first)).toBe(true);
    expect(one.faults).toEqual([]);
    expect(one.look()).toBe(false);
  });

  it('is read anew when the file is written again, replaced, or a link leads elsewhere', () => {
    const path = write('a.pem', first);
    const one = new PemPath(path, readCertificate);
    writeFileSync(path, second);
    expect(one.look()).toBe(true);
    expect(sameText(one.pems[0], second)).toBe(true);
    renameSync(write('new', first), path);
    expect(one.look()).toBe(true);
    expect(sameText(one.pems[0], first)).toBe(true);
    rmSync(path);
    symlinkSync(write('other', second), path);
    expect(one.look()).toBe(true);
    expect(sameText(one.pems[0], second)).toBe(true);
    expect(one.look()).toBe(false);
  });

  it('that is written with the same text is no change', () => {
    const path = write('a.pem', first);
    const one = new PemPath(path, readCertificate);
    writeFileSync(path, first);
    expect(one.look()).toBe(false);
  });

  it('keeps the last good text while the file is broken, and says so once it stays so', () => {
    const path = write('a.pem', first);
    const one = new PemPath(path, readCertificate);
    writeFileSync(path, second.slice(0, 300));
    // It may be in the middle of being written.
    expect(one.look()).toBe(false);
    expect(one.faults).toEqual([]);
    expect(one.look()).toBe(true);
    expect(one.faults).toEqual([expect.stringMatching(/^no certificate in it/)]);
    expect(sameText(one.pems[0], first)).toBe(true);
    expect(one.look()).toBe(false);
    writeFileSync(path, second);
    expect(one.look()).toBe(true);
    expect(one.faults).toEqual([]);
    expect(sameText(one.pems[0], second)).toBe(true);
  });

  it('that is caught half written is told of never', () => {
    const path = write('a.pem', first);
    const one = new PemPath(path, readCertificate);
    writeFileSync(path, second.slice(0, 100));
    expect(one.look()).toBe(false);
    writeFileSync(path, second);
    expect(one.look()).toBe(true);
    expect(one.faults).toEqual([]);
  });

  it('keeps what it had when the file is gone, and takes it back', () => {
    const path = write('a.pem', first);
    const one = new PemPath(path, readCertificate);
    rmSync(path);
    one.look();
    expect(one.look()).toBe(true);
    expect(one.look()).toBe(false);
    expect(one.faults).toEqual(['does not exist']);
    expect(one.pems).toHaveLength(1);
    write('a.pem', second);
    expect(one.look()).toBe(true);
    expect(one.faults).toEqual([]);
    expect(sameText(one.pems[0], second)).toBe(true);
  });

  it('says at once why nothing of it can be used', () => {
    const none = new PemPath(join(folder, 'none.pem'), readCertificate);
    expect([none.pems, none.faults]).toEqual([[], ['does not exist']]);
    const broken = new PemPath(write('broken.pem', 'x'), readCertificate);
    expect(broken.pems).toEqual([]);
    expect(broken.faults).toEqual([expect.stringMatching(/^no certificate in it/)]);
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    expect(new PemPath(empty, readCertificate).faults[0]).toMatch(/holds no file/);
  });

  it('as a folder follows files that come, go and break, each by itself', () => {
    const inner = join(folder, 'certs');
    mkdirSync(inner);
    writeFileSync(join(inner, 'b.pem'), first);
    const one = new PemPath(inner, readCertificate);
    expect(one.pems).toHaveLength(1);
    writeFileSync(join(inner, 'a.pem'), second);
    expect(one.look()).toBe(true);
    expect(sameText(one.pems[0], second)).toBe(true);
    expect(sameText(one.pems[1], first)).toBe(true);
    writeFileSync(join(inner, 'b.pem'), 'x');
    one.look();
    expect(one.look()).toBe(true);
    expect(one.pems).toHaveLength(2);
    expect(one.faults).toEqual([expect.stringMatching(/certs\/b\.pem: no certificate in it/)]);
    rmSync(join(inner, 'b.pem'));
    expect(one.look()).toBe(true);
    expect(one.pems).toHaveLength(1);
    expect(one.faults).toEqual([]);
  });

  it('notices a key in the file beside it', () => {
    const [certificate = '', key = ''] = first.split(/(?=-----BEGIN PRIVATE)/);
    const path = write('a.pem', certificate);
    const one = new PemPath(path, readCertificate);
    expect(one.faults[0]).toMatch(/no private key/);
    writeFileSync(`${path}.key`, key);
    expect(one.look()).toBe(true);
    expect(one.pems).toHaveLength(1);
    expect(one.faults).toEqual([]);
  });

  it('of authorities needs no key and passes none on', () => {
    const one = new PemPath(write('ca.pem', first + second), readAuthorities);
    expect(one.faults).toEqual([]);
    expect(one.pems[0]?.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(one.pems[0]).not.toContain('PRIVATE');
    expect(new PemPath(write('x.pem', 'x'), readAuthorities).faults[0]).toMatch(/no certificate/);
  });
});
