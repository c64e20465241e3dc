// Takes accepted connections off a listening server of Node's before it makes sockets of them, or takes
// the handle out of a socket that was needed for a while only.

import type { Server, Socket } from 'node:net';
import type { NativeTcp, TcpHandle } from './native-tcp.ts';

type OnConnection = (this: ListeningHandle, error: number, client: TcpHandle | undefined) => void;

interface ListeningHandle {
  onconnection: OnConnection | null;
  setNoDelay(on: boolean): number;
}

/** Who takes connections. */
export interface Intake {
  /** True if the next one may be a bare handle. */
  readonly takesHandles: boolean;
  admitHandle(native: NativeTcp, handle: TcpHandle): void;
}

/**
 * From now on `intake` gets each connection of `server` as a handle, if it takes handles when it comes
 * in; other connections, and errors, go the usual way. The server must be listening.
 */
export function acceptNatively(server: Server, native: NativeTcp, intake: Intake): void {
  const { _handle: handle } = server as unknown as { readonly _handle: ListeningHandle | null };
  const usual = handle?.onconnection;
  if (!handle || typeof usual !== 'function') return;
  // Accepted connections inherit it.
  handle.setNoDelay(true);
  handle.onconnection = (error, client) => {
    if (error === 0 && client !== undefined && intake.takesHandles) {
      intake.admitHandle(native, client);
    } else {
      usual.call(handle, error, client);
    }
  };
}

/**
 * Takes the handle out of a paused socket, which is nothing any more then; null when it is closed
 * already. What the socket has read and not told of yet is added to `received`.
 */
export function takeHandle(socket: Socket, received: Buffer[]): TcpHandle | null {
  const holder = socket as unknown as { _handle: TcpHandle | null };
  for (let piece = socket.read(); piece !== null; piece = socket.read()) received.push(piece);
  const handle = holder._handle;
  if (handle === null || socket.destroyed) return null;
  handle.readStop();
  holder._handle = null;
  return handle;
}
