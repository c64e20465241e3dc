// PEM files → certificate and key texts, checked as a whole before anything uses them. A
// file holds the certificate, its chain and its key, as HAProxy's `crt` wants it.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { UsageError } from './usage-error.ts';

/** A chain with key is some KiB; anything this large is another kind of file. */
const MAX_FILE_BYTES = 1_048_576;
/** What HAProxy does not take for a certificate of its own in a folder. */
const COMPANION = /^\.|\.(key|issuer|ocsp|sctl|dh)$/;

/**
 * Reads files, and folders in alphabetical order. Each text returned is one certificate chain, leaf first,
 * followed by its key; the first is the default. Throws UsageError with every problem in one line.
 */
export function readCertificates(paths: readonly string[]): readonly string[] {
  const problems: string[] = [];
  const files = paths.flatMap((path) => attempt(path, problems, () => pemFilesAt(path)) ?? []);
  const texts = files.flatMap((file) => attempt(file, problems, () => readCertificate(file)) ?? []);
  if (problems.length > 0) throw new UsageError(`--ssl-certs: ${problems.join('; ')}`);
  return texts;
}

/** Runs `read`; what it throws becomes a problem of `path`. */
function attempt<T>(path: string, problems: string[], read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    problems.push(`${path}: ${reasonOf(error)}`);
    return null;
  }
}

/** The file itself, or the files of a folder by name. Throws when there is none. */
export function pemFilesAt(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const files = readdirSync(path)
    .filter((name) => !COMPANION.test(name))
    .sort()
    .map((name) => join(path, name))
    .filter((file) => statSync(file).isFile());
  if (files.length === 0) throw new Error('the folder holds no file; expected PEM files');
  return files;
}

/** One certificate chain, leaf first, and its key. Throws in one clause what keeps it from being used. */
export function readCertificate(file: string): string {
  const text = readText(file);
  return checkCertificate(
    text,
    keysOf(text, file),
    `expected the key after the certificate, or in ${file}.key`,
  );
}

/** The same for a text that was given as such: the key stands in it. */
export function readCertificateText(text: string): string {
  return checkCertificate(text, keysIn(text), 'expected the key after the certificate');
}

function checkCertificate(text: string, keys: readonly string[], hint: string): string {
  const certificates = blocks(text, 'CERTIFICATE');
  if (certificates.length === 0) {
    throw new Error('no certificate in it; expected "-----BEGIN CERTIFICATE-----" and its key');
  }
  const [key, ...moreKeys] = keys;
  if (key === undefined) throw new Error(`no private key in it; ${hint}`);
  if (moreKeys.length > 0) throw new Error('several private keys in it; expected one');
  checkPair(certificates, key);
  const pem = `${[...certificates, key].join('\n')}\n`;
  // Whatever else OpenSSL refuses (a key too small, a broken chain) would otherwise fail in every worker.
  createSecureContext({ cert: pem, key: pem });
  return pem;
}

/** The certificates of authorities, without keys. Throws as `readCertificate` does. */
export function readAuthorities(file: string): string {
  const certificates = blocks(readText(file), 'CERTIFICATE');
  if (certificates.length === 0) {
    throw new Error('no certificate in it; expected "-----BEGIN CERTIFICATE-----"');
  }
  checkReadable(certificates);
  return `${certificates.join('\n')}\n`;
}

function readText(file: string): string {
  const stat = statSync(file);
  if (!stat.isFile()) throw new Error('neither a file nor a folder');
  // Files of the kernel say 0, and some of them never end.
  if (stat.size === 0) return '';
  if (stat.size > MAX_FILE_BYTES) throw new Error('larger than 1 MiB; expected a PEM file');
  return readFileSync(file, 'latin1');
}

/** The keys in the text; without one, those of the file beside it that HAProxy looks into too. */
function keysOf(text: string, file: string): string[] {
  const keys = keysIn(text);
  if (keys.length > 0) return keys;
  const beside = statSync(`${file}.key`, { throwIfNoEntry: false });
  return beside === undefined ? [] : keysIn(readText(`${file}.key`));
}

function keysIn(text: string): string[] {
  return blocks(text, '(?:[A-Z]+ )*PRIVATE KEY');
}

function blocks(text: string, kind: string): string[] {
  return text.match(new RegExp(`-----BEGIN (${kind})-----[\\s\\S]*?-----END \\1-----`, 'g')) ?? [];
}

/** Throws if a certificate or the key cannot be read, or the key is not the first certificate's. */
function checkPair(certificates: readonly string[], pem: string): void {
  const [leaf, ...chain] = checkReadable(certificates);
  const key = readKey(pem);
  if (leaf === undefined || leaf.checkPrivateKey(key)) return;
  const owner = chain.findIndex((certificate) => certificate.checkPrivateKey(key));
  throw new Error(
    owner < 0
      ? 'the private key does not belong to the certificate; expected a matching pair'
      : `the private key belongs to certificate ${owner + 2}; expected that one first, its chain after it`,
  );
}

function checkReadable(certificates: readonly string[]): X509Certificate[] {
  return certificates.map((certificate, place) => {
    try {
      return new X509Certificate(certificate);
    } catch {
      throw new Error(`certificate ${place + 1} in it cannot be read; expected X.509 in PEM`);
    }
  });
}

function readKey(pem: string): ReturnType<typeof createPrivateKey> {
  if (/BEGIN ENCRYPTED|^Proc-Type:.*ENCRYPTED/m.test(pem)) {
    throw new Error('the private key has a pass phrase; expected one without');
  }
  try {
    return createPrivateKey(pem);
  } catch {
    throw new Error('the private key cannot be read; expected PKCS#8, PKCS#1 or SEC1 in PEM');
  }
}

/** In one clause. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? error.code : null;
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EACCES') return 'may not be read by this user';
  return error.message.split('\n', 1)[0] ?? '';
}
