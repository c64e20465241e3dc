// `realm:user:hash` → whom to let in. What cannot be read lets nobody in. Pure.

import type { AuthSpec } from './policy.ts';

export interface AuthReading {
  readonly auth: AuthSpec;
  /** What was expected instead; empty if it can be used. */
  readonly wrong: string;
}

const PRINTABLE = /^[\x20-\x7e]{1,200}$/;
const SHA_CRYPT = /^\$[56]\$(?:rounds=(\d{1,9})\$)?[./0-9A-Za-z]{0,16}\$([./0-9A-Za-z]+)$/;
const MD5_CRYPT = /^\$1\$[./0-9A-Za-z]{0,8}\$[./0-9A-Za-z]{22}$/;
const DES_CRYPT = /^[./0-9A-Za-z]{13}$/;
const DIGEST_LENGTH = { SHA256: 43, SHA512: 86 } as const;
/** A hash that takes longer than a second to check would keep all others waiting. */
const MAX_ROUNDS = 1_000_000;

/** Nothing of what was written is sent: it may be a password. */
const CLOSED: AuthSpec = Object.freeze({ realm: 'closed', user: '', hash: '' });

export function readAuth(text: string): AuthReading {
  const [written = '', user = '', hash = '', ...more] = text.split(':');
  const realm = unescaped(written);
  const wrong = wrongWith(realm, user, hash, more.length);
  return { auth: wrong === '' ? { realm, user, hash } : CLOSED, wrong };
}

function wrongWith(realm: string, user: string, hash: string, more: number): string {
  if (more > 0 || hash === '') return 'realm:user:hash';
  if (!isRealm(realm)) return 'a realm of printable ASCII without quotes';
  if (!PRINTABLE.test(user)) return 'a user name of printable ASCII';
  if (DES_CRYPT.test(hash) || MD5_CRYPT.test(hash)) return '';
  const [, rounds = '0', digest = ''] = SHA_CRYPT.exec(hash) ?? [];
  const { SHA256, SHA512 } = DIGEST_LENGTH;
  if (digest.length !== (hash.startsWith('$5$') ? SHA256 : SHA512)) {
    return 'a hash of crypt(3) ($6$, $5$, $1$ or DES), not a password';
  }
  return Number(rounds) > MAX_ROUNDS ? `at most ${MAX_ROUNDS} rounds` : '';
}

/** It is sent between quotes. */
function isRealm(text: string): boolean {
  return PRINTABLE.test(text) && !/["\\]/.test(text);
}

/** Blanks are escaped or quoted in HAProxy's configuration, where Marathon-LB pastes it. */
function unescaped(text: string): string {
  return text.replace(/^(["'])(.*)\1$/s, '$2').replace(/\\(.)/gs, '$1');
}
