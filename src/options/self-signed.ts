// The certificate https starts with when none is given, as Marathon-LB's container makes one: for every
// name, for ten years, trusted by nobody. Made anew at each start; the key never leaves the process.

import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** Marathon-LB's `openssl req -days 3650`. */
const VALID_DAYS = 3650;
const DAY_MS = 86_400_000;

/** Certificate and private key in one PEM text. P-256: any TLS client since 2010, made in a millisecond. */
export function makeSelfSigned(): string {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const body = toBeSigned(publicKey, Date.now());
  const signature = sign('sha256', body, privateKey);
  const certificate = sequence(body, ECDSA_WITH_SHA256, bitString(signature));
  return `${pem(certificate)}${privateKey.export({ type: 'pkcs8', format: 'pem' })}`;
}

/** TBSCertificate, version 3 (RFC 5280 §4.1). */
function toBeSigned(publicKey: KeyObject, nowMs: number): Buffer {
  const name = sequence(der(0x31, sequence(OID.commonName, der(0x0c, Buffer.from('*')))));
  // From yesterday: clocks of clients may be behind ours.
  const validity = sequence(time(nowMs - DAY_MS), time(nowMs + VALID_DAYS * DAY_MS));
  return sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(randomBytes(16)),
    ECDSA_WITH_SHA256,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions()),
  );
}

function extensions(): Buffer {
  const alternativeNames = sequence(
    der(0x82, Buffer.from('*')),
    der(0x82, Buffer.from('localhost')),
    der(0x87, Buffer.from([127, 0, 0, 1])),
  );
  return sequence(
    extension(OID.subjectAltName, alternativeNames),
    // digitalSignature: bit 0 of the string, seven bits unused.
    extension(OID.keyUsage, der(0x03, Buffer.from([7, 0x80])), CRITICAL),
    extension(OID.extendedKeyUsage, sequence(OID.serverAuth)),
    extension(OID.basicConstraints, sequence(), CRITICAL),
  );
}

function extension(id: Buffer, value: Buffer, critical: Buffer = Buffer.alloc(0)): Buffer {
  return sequence(id, critical, der(0x04, value));
}

/** One DER value: tag, length, content (X.690 §8.1). */
function der(tag: number, content: Buffer): Buffer {
  const size = content.length;
  if (size < 0x80) return Buffer.concat([Buffer.from([tag, size]), content]);
  const head = size < 0x100 ? [tag, 0x81, size] : [tag, 0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

/** Positive, shortest form: a zero in front only where the sign bit would be set. */
function integer(magnitude: Buffer): Buffer {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start += 1;
  const digits = magnitude.subarray(start);
  const negative = ((digits[0] ?? 0) & 0x80) !== 0;
  return der(0x02, negative ? Buffer.concat([Buffer.from([0]), digits]) : digits);
}

function bitString(content: Buffer): Buffer {
  return der(0x03, Buffer.concat([Buffer.from([0]), content]));
}

/** UTCTime until 2049, GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5). */
function time(atMs: number): Buffer {
  const digits = new Date(atMs).toISOString().replace(/[-:T]|\.\d+/g, '');
  const short = Number(digits.slice(0, 4)) < 2050;
  return short ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits));
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

const OID = {
  commonName: oid('550403'),
  subjectAltName: oid('551d11'),
  keyUsage: oid('551d0f'),
  basicConstraints: oid('551d13'),
  extendedKeyUsage: oid('551d25'),
  serverAuth: oid('2b06010505070301'),
} as const;

const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));
const CRITICAL = der(0x01, Buffer.from([0xff]));

function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
