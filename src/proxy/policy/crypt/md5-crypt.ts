// `$1$`: crypt(3) by MD5, as FreeBSD made it.

import { createHash } from 'node:crypto';
import { lettersOfBytes } from './alphabet.ts';

const ROUNDS = 1_000;
const MAX_SALT = 8;
const ORDER = [0, 6, 12, 1, 7, 13, 2, 8, 14, 3, 9, 15, 4, 10, 5, 11];

const digestOf = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** The whole hash, `$1$salt$…`; a longer salt counts as far as it may reach. */
export function md5Crypt(password: Buffer, salt: string): string {
  const short = salt.slice(0, MAX_SALT);
  const salted = Buffer.from(short, 'latin1');
  const between = digestOf(password, salted, password);
  const parts = [password, Buffer.from('$1$', 'latin1'), salted];
  for (let left = password.length; left > 0; left -= 16) {
    parts.push(between.subarray(0, Math.min(16, left)));
  }
  // Zero bytes stand for the ones of the length, the first character for the others: a slip of the
  // first implementation that all others had to repeat.
  for (let left = password.length; left > 0; left >>= 1) {
    parts.push((left & 1) === 1 ? Buffer.alloc(1) : password.subarray(0, 1));
  }
  let digest = digestOf(...parts);
  for (let round = 0; round < ROUNDS; round += 1) {
    const odd = (round & 1) === 1;
    const steps = [odd ? password : digest];
    if (round % 3 !== 0) steps.push(salted);
    if (round % 7 !== 0) steps.push(password);
    steps.push(odd ? digest : password);
    digest = digestOf(...steps);
  }
  return `$1$${short}$${lettersOfBytes(digest, ORDER)}`;
}
