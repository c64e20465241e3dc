// A set of addresses and CIDRs, compared bit by bit. An IPv4 address is the same in its own form and
// mapped into IPv6. An entry that is no network admits nobody.

import { BlockList, isIP } from 'node:net';

export class Networks {
  readonly #list = new BlockList();

  /** `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `10.1.2.3`, `2001:db8::/32` … */
  constructor(texts: readonly string[]) {
    for (const text of texts) this.#add(text);
  }

  has(address: string): boolean {
    const bare = bareAddress(address);
    const family = isIP(bare);
    return family !== 0 && this.#list.check(bare, family === 6 ? 'ipv6' : 'ipv4');
  }

  #add(text: string): void {
    const [address = '', mask, ...more] = text.split('/');
    const family = isIP(address);
    const bits = family === 6 ? 128 : 32;
    const prefix = mask === undefined ? bits : prefixOf(mask, bits);
    if (family === 0 || prefix === -1 || more.length > 0) return;
    this.#list.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4');
  }
}

/** Without a zone, and IPv4 in its own form. */
export function bareAddress(address: string): string {
  const zone = address.indexOf('%');
  const bare = zone === -1 ? address : address.slice(0, zone);
  const mapped = bare.slice(0, 7).toLowerCase() === '::ffff:' ? bare.slice(7) : '';
  return isIP(mapped) === 4 ? mapped : bare;
}

/** Bits of `24` or `255.255.255.0`; -1 = it is neither. */
function prefixOf(mask: string, most: number): number {
  if (/^\d{1,3}$/.test(mask)) return Number(mask) <= most ? Number(mask) : -1;
  if (most !== 32 || isIP(mask) !== 4) return -1;
  const bits = mask
    .split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : -1;
}
