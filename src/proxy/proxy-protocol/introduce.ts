// The header that tells a server whose connection it is given.

import type { Socket } from 'node:net';
import type { ProxyAddresses } from './header.ts';
import { writeProxyHeader } from './write.ts';

/** Who can be told to a server. */
export interface Introducible {
  /** The PROXY protocol header for this client. */
  introduce(version: 1 | 2): Buffer;
}

/** `addresses` are those of the client's own header, if it came with one. */
export function introduction(
  version: 1 | 2,
  socket: Socket,
  addresses: ProxyAddresses | null,
): Buffer {
  if (addresses !== null) return writeProxyHeader(version, addresses);
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  if (remoteAddress === undefined || localAddress === undefined) {
    return writeProxyHeader(version, null);
  }
  return writeProxyHeader(version, {
    source: remoteAddress,
    sourcePort: remotePort ?? 0,
    destination: localAddress,
    destinationPort: localPort ?? 0,
  });
}
