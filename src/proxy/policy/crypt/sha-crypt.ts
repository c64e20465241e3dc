// `$5$` and `$6$`: crypt(3) by SHA-256 and SHA-512, as Ulrich Drepper specified it (SHA-crypt.txt).
// Comments name the steps of that text.

import { createHash } from 'node:crypto';
import { lettersOfBytes } from './alphabet.ts';

/** What `rounds=` may ask for at most here: a second or two of one core. */
export const MAX_ROUNDS = 1_000_000;
const MIN_ROUNDS = 1_000;
const DEFAULT_ROUNDS = 5_000;
const MAX_SALT = 16;

const ORDER_OF_256: readonly number[] = [
  0, 10, 20, 21, 1, 11, 12, 22, 2, 3, 13, 23, 24, 4, 14, 15, 25, 5, 6, 16, 26, 27, 7, 17, 18, 28, 8,
  9, 19, 29, 31, 30,
];
const ORDER_OF_512: readonly number[] = [
  0, 21, 42, 22, 43, 1, 44, 2, 23, 3, 24, 45, 25, 46, 4, 47, 5, 26, 6, 27, 48, 28, 49, 7, 50, 8, 29,
  9, 30, 51, 31, 52, 10, 53, 11, 32, 12, 33, 54, 34, 55, 13, 56, 14, 35, 15, 36, 57, 37, 58, 16, 59,
  17, 38, 18, 39, 60, 40, 61, 19, 62, 20, 41, 63,
];

const KINDS = {
  '5': { algorithm: 'sha256', bytes: 32, order: ORDER_OF_256 },
  '6': { algorithm: 'sha512', bytes: 64, order: ORDER_OF_512 },
} as const;

export type ShaKind = keyof typeof KINDS;

/**
 * The whole hash, `$6$[rounds=n$]salt$…`. `setting` is `[rounds=n$]salt`, whatever follows the salt's
 * end is not looked at. Null if it asks for more rounds than MAX_ROUNDS.
 */
export function shaCrypt(kind: ShaKind, password: Buffer, setting: string): string | null {
  const { algorithm, bytes, order } = KINDS[kind];
  const [, asked, rest = ''] = /^(?:rounds=(\d+)\$)?([^$]*)/.exec(setting) ?? [];
  const rounds = asked === undefined ? DEFAULT_ROUNDS : Math.max(MIN_ROUNDS, Number(asked));
  if (rounds > MAX_ROUNDS) return null;
  const digestOf = (...parts: readonly Uint8Array[]): Buffer => {
    const hash = createHash(algorithm);
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
  const text = rest.slice(0, MAX_SALT);
  const salt = Buffer.from(text, 'latin1');
  // Steps 4 to 8, then 1 to 3 and 9 to 12.
  const other = digestOf(password, salt, password);
  const parts = [password, salt, repeated(other, password.length)];
  for (let left = password.length; left > 0; left >>= 1) {
    parts.push((left & 1) === 1 ? other : password);
  }
  let digest = digestOf(...parts);
  // Steps 13 to 16 and 17 to 20.
  const sequence = repeated(
    digestOf(...Array<Buffer>(password.length).fill(password)),
    password.length,
  );
  const times = 16 + (digest[0] as number);
  const salting = repeated(digestOf(...Array<Buffer>(times).fill(salt)), salt.length);
  // Step 21.
  const buffers: Buffer[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const odd = (round & 1) === 1;
    buffers.length = 0;
    buffers.push(odd ? sequence : digest);
    if (round % 3 !== 0) buffers.push(salting);
    if (round % 7 !== 0) buffers.push(sequence);
    buffers.push(odd ? digest : sequence);
    digest = digestOf(Buffer.concat(buffers));
  }
  const prefix = asked === undefined ? '' : `rounds=${rounds}$`;
  return `$${kind}$${prefix}${text}$${lettersOfBytes(digest.subarray(0, bytes), order)}`;
}

/** `length` bytes of `block` written again and again. */
function repeated(block: Buffer, length: number): Buffer {
  const out = Buffer.alloc(length);
  for (let at = 0; at < length; at += block.length) block.copy(out, at);
  return out;
}
