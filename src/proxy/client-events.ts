// The events of a client's socket, as calls on its connection. The handlers are shared functions, so
// that a new connection costs no closures.

import type { Socket } from 'node:net';

export interface ClientEvents {
  clientBytes(piece: Buffer): void;
  /** The client sends no more. */
  clientEnded(): void;
  /** What was written has gone out. */
  clientWritable(): void;
  /** The socket is gone; `broken` if by an error, a reset for example. */
  clientClosed(broken: boolean): void;
}

const EVENTS = Symbol('events');

interface ClientSocket extends Socket {
  [EVENTS]: ClientEvents;
}

function onData(this: ClientSocket, piece: Buffer): void {
  this[EVENTS].clientBytes(piece);
}

function onEnd(this: ClientSocket): void {
  this[EVENTS].clientEnded();
}

function onDrain(this: ClientSocket): void {
  this[EVENTS].clientWritable();
}

function onClose(this: ClientSocket, broken: boolean): void {
  this[EVENTS].clientClosed(broken);
}

/** 'close' follows every error, and is what is acted on. */
function onError(): void {}

export function attach(socket: Socket, events: ClientEvents): void {
  const client = socket as ClientSocket;
  client[EVENTS] = events;
  client.on('error', onError);
  client.on('data', onData);
  client.on('end', onEnd);
  client.on('drain', onDrain);
  client.on('close', onClose);
}
