// Reads HTTP Basic credentials (RFC 7617) out of a request. Whatever is not exactly one pair is none.

import type { HeadText } from './head-text.ts';

export interface Basic {
  readonly user: string;
  readonly password: Buffer;
}

const BASIC = /^basic[ ]+([a-z0-9+/]+={0,2})$/i;

/** Null = the request names nobody. Two Authorization fields might be read differently by a server. */
export function basicOf(head: HeadText): Basic | null {
  const [value = '', ...more] = head.values('authorization');
  const [, token] = BASIC.exec(value) ?? [];
  if (token === undefined || more.length > 0) return null;
  const bytes = Buffer.from(token, 'base64');
  const colon = bytes.indexOf(0x3a);
  if (colon === -1) return null;
  return { user: bytes.toString('utf8', 0, colon), password: bytes.subarray(colon + 1) };
}
