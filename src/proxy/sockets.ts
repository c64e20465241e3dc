// What net.Socket does not say plainly: an abrupt end that works in every state, and whether a peer
// still takes what is written to it.

import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/**
 * Ends a socket so that its peer cannot take it for a clean end: RST where that is possible. A TLS
 * peer sees a missing close_notify instead.
 */
export function abort(socket: Socket): void {
  // libuv refuses to reset once a FIN is under way, and would keep the descriptor.
  if (socket instanceof TLSSocket || socket.connecting || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

interface WithHandle {
  readonly _handle: { readonly writeQueueSize?: number } | null;
}

/** What waits to be sent to a peer, and whether that peer takes it. */
export class SendQueue {
  readonly socket: Socket;
  #bytes = 0;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  /** Starts to watch: `shrank` compares with now. */
  watch(): void {
    this.#bytes = queuedBytes(this.socket);
  }

  /** True if the peer took something since the last look. Unlike `writableLength`, this sees parts. */
  shrank(): boolean {
    const before = this.#bytes;
    this.watch();
    return this.#bytes < before;
  }
}

/** Bytes not yet taken by the kernel. */
function queuedBytes(socket: Socket): number {
  const { _handle: handle } = socket as unknown as WithHandle;
  return handle?.writeQueueSize ?? 0;
}
