// Addresses and networks as HAProxy's `src` takes them → addresses and CIDRs. Pure.

import { isIP } from 'node:net';

/**
 * `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `fe80::/10` or a single address; null if it is neither. What is
 * returned has a prefix length or nothing behind the address, bits beyond the prefix are left as given.
 */
export function readNetwork(text: string): string | null {
  const [address = '', mask, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0 || address.includes('%')) return null;
  if (mask === undefined) return address;
  const bits = /^(?:0|[1-9]\d{0,2})$/.test(mask) ? Number(mask) : bitsOf(family, mask);
  return bits >= 0 && bits <= (family === 4 ? 32 : 128) ? `${address}/${bits}` : null;
}

/** Length of a dotted mask; -1 if it is none, or has a hole. */
function bitsOf(family: number, mask: string): number {
  if (family !== 4 || isIP(mask) !== 4) return -1;
  const number = mask.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
  const bits = number.toString(2).padStart(32, '0');
  return /^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : -1;
}
