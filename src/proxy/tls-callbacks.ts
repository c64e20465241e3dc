// How the handles of a TLS connection reach the wire they belong to: by these functions, which are the
// same for all connections, so that none is made for each.

import type { TlsFault } from './greeting.ts';
import { lastRead, READ_BUFFER, type TcpHandle, WIRE } from './native-tcp.ts';
import type { NativeTls, TlsHandle } from './native-tls.ts';

/** What is told to a wire. */
export interface HandleOwner {
  /** That many bytes were decrypted, into READ_BUFFER; negative = an error, or EOF. */
  read(length: number): void;
  /** The handshake is done. */
  shaken(): void;
  /** The handshake failed, or what came after it was no TLS. */
  failed(fault: TlsFault): void;
  /** The FIN that was asked for is out, or never will be. */
  shutDown(): void;
  /** The TCP handle is closed. */
  closed(): void;
}

/** Both live as long as the connection is open, and the wire with them. */
export function adopt(owner: HandleOwner, tcp: TcpHandle, tls: TlsHandle): void {
  tcp[WIRE] = owner;
  tls[WIRE] = owner;
}

/** Starts to read, and with it the handshake. Returns 0, or a negative error. */
export function listenTo(tls: TlsHandle): number {
  tls.useUserBuffer(READ_BUFFER);
  tls.onread = onRead;
  tls.onerror = onError;
  tls.onhandshakedone = onHandshakeDone;
  return tls.readStart();
}

/** Asks for a close_notify and a FIN. Returns 0, or a negative error: the owner is then told nothing. */
export function askForFin(owner: HandleOwner, { stream }: NativeTls, tls: TlsHandle): number {
  const request = new stream.ShutdownWrap();
  request[WIRE] = owner;
  request.oncomplete = onShutdown;
  return tls.shutdown(request);
}

/** To be given to `close` and `reset` of the TCP handle. */
export function onClosed(this: { [WIRE]?: unknown }): void {
  (this[WIRE] as HandleOwner).closed();
}

function onRead(this: { [WIRE]?: unknown }): void {
  (this[WIRE] as HandleOwner).read(lastRead());
}

function onError(this: { [WIRE]?: unknown }, fault: TlsFault): void {
  (this[WIRE] as HandleOwner).failed(fault);
}

function onHandshakeDone(this: { [WIRE]?: unknown }): void {
  (this[WIRE] as HandleOwner).shaken();
}

function onShutdown(this: { [WIRE]?: unknown }): void {
  (this[WIRE] as HandleOwner).shutDown();
}
