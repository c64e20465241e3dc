// What somebody between two peers holds of the bytes on their way: what the kernel has of them depends on
// its settings and on how busy the machine is, what is held beyond that does not.

import { readFileSync } from 'node:fs';
import type { Peer } from './peer.ts';

const PIECE = 65_536;

/** Writes piece by piece, each when the kernel has the one before. */
export async function pour(peer: Peer, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length && !peer.closed; at += PIECE) {
    await peer.write(bytes.subarray(at, at + PIECE));
  }
}

/**
 * Bytes that `sender` has poured, and that neither the kernel holds nor `receiver` has received. Both have
 * one connection to whoever is between them.
 */
export function heldBetween(sender: Peer, receiver: Peer): number {
  const sent = sender.socket.bytesWritten - sender.socket.writableLength;
  const received = receiver.incoming.total + receiver.socket.readableLength;
  return sent - received - queuedFor([sender, receiver]);
}

/** In the kernel's queues of these connections, at both of their ends. */
function queuedFor(peers: readonly Peer[]): number {
  const ends = new Set(
    peers.flatMap(({ socket: { localPort, remotePort } }) => [
      `${localPort} ${remotePort}`,
      `${remotePort} ${localPort}`,
    ]),
  );
  let bytes = 0;
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)) {
    const [, local = '', remote = '', , queues = ''] = line.trim().split(/\s+/);
    if (!ends.has(`${portIn(local)} ${portIn(remote)}`)) continue;
    for (const queue of queues.split(':')) bytes += Number.parseInt(queue, 16);
  }
  return bytes;
}

function portIn(end: string): number {
  return Number.parseInt(end.split(':')[1] ?? '', 16);
}
