// The header that tells a server whose connection it is given.

import type { Wire } from '../wire.ts';
import type { ProxyAddresses } from './header.ts';
import { writeProxyHeader } from './write.ts';

/** Who can be told to a server. */
export interface Introducible {
  /** The PROXY protocol header for this client. */
  introduce(version: 1 | 2): Buffer;
}

/** `addresses` are those of the client's own header, if it came with one. */
export function introduction(version: 1 | 2, wire: Wire, addresses: ProxyAddresses | null): Buffer {
  return writeProxyHeader(version, addresses ?? wire.addresses());
}
