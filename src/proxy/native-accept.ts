// Takes accepted connections off a listening server of Node's before it makes sockets of them.

import type { Server } from 'node:net';
import type { NativeTcp, TcpHandle } from './native-tcp.ts';
import { NativeWire } from './native-wire.ts';

type OnConnection = (this: ListeningHandle, error: number, client: TcpHandle | undefined) => void;

interface ListeningHandle {
  onconnection: OnConnection | null;
  setNoDelay(on: boolean): number;
}

/** Who takes connections. */
export interface Intake {
  /** True if the next one may be a bare wire. */
  readonly takesWires: boolean;
  admitWire(wire: NativeWire): void;
}

/**
 * From now on `intake` gets each connection of `server` as a wire, if it takes wires when it comes in;
 * other connections, and errors, go the usual way. The server must be listening.
 */
export function acceptNatively(server: Server, native: NativeTcp, intake: Intake): void {
  const { _handle: handle } = server as unknown as { readonly _handle: ListeningHandle | null };
  const usual = handle?.onconnection;
  if (!handle || typeof usual !== 'function') return;
  // Accepted connections inherit it.
  handle.setNoDelay(true);
  handle.onconnection = (error, client) => {
    if (error === 0 && client !== undefined && intake.takesWires) {
      intake.admitWire(NativeWire.accepted(native, client));
    } else {
      usual.call(handle, error, client);
    }
  };
}
