// What net.Socket does not say plainly: an abrupt end that works in every state.

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
