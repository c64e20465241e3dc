// Whether a password has a given crypt(3) hash. What is no hash of a known scheme has no password: a
// broken label lets nobody in.

import { timingSafeEqual } from 'node:crypto';
import { desCrypt } from './des-crypt.ts';
import { md5Crypt } from './md5-crypt.ts';
import { shaCrypt } from './sha-crypt.ts';

/** Longer passwords are wrong unseen: the work grows with their square. */
export const MAX_PASSWORD_BYTES = 256;

/** Takes milliseconds, with many rounds a second. */
export function verifyCrypt(password: Buffer, hash: string): boolean {
  // crypt(3) ends a password at a zero byte; none has one.
  if (password.length > MAX_PASSWORD_BYTES || password.includes(0)) return false;
  const made = hashLike(password, hash);
  if (made === null) return false;
  const one = Buffer.from(made, 'latin1');
  const other = Buffer.from(hash, 'latin1');
  return one.length === other.length && timingSafeEqual(one, other);
}

/** The hash that `password` has with the scheme and the salt of `hash`; null = no such scheme. */
function hashLike(password: Buffer, hash: string): string | null {
  if (hash.startsWith('$6$')) return shaCrypt('6', password, hash.slice(3));
  if (hash.startsWith('$5$')) return shaCrypt('5', password, hash.slice(3));
  if (hash.startsWith('$1$')) return md5Crypt(password, hash.slice(3).split('$', 1)[0] ?? '');
  return hash.length === 13 ? desCrypt(password, hash) : null;
}
