// One handshake by a TLS socket of Node's, over a socket: where Node's TLS handles cannot be used
// directly.

import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { refusalOf } from './answers.ts';
import type { Clock, Timed } from './clock.ts';
import type { Greets, Shaking, TlsFault } from './greeting.ts';
import type { Handshake, HandshakeOwner } from './handshakes.ts';
import type { ProxyAddresses } from './proxy-protocol/header.ts';
import { SocketWire } from './socket-wire.ts';

interface SocketHandle extends Shaking {
  onerror: (fault: TlsFault) => void;
}

export class SocketHandshake implements Handshake, Timed {
  deadlineMs: number;
  clockIndex = -1;
  rosterPlace = -1;
  readonly addresses: ProxyAddresses | null;
  /** The connection below TLS. */
  readonly #below: Socket;
  readonly #socket: TLSSocket;
  readonly #greeting: Greets;
  readonly #clock: Clock;
  readonly #owner: HandshakeOwner;
  #fault = 'ECONNRESET';

  /** Begins it; it is over by `deadlineMs` of the clock. */
  constructor(
    greeting: Greets,
    below: Socket,
    addresses: ProxyAddresses | null,
    owner: HandshakeOwner,
    clock: Clock,
    deadlineMs: number,
  ) {
    this.addresses = addresses;
    this.#greeting = greeting;
    this.#below = below;
    this.#owner = owner;
    this.#clock = clock;
    this.deadlineMs = deadlineMs;
    clock.add(this);
    // The answer to a plain request may fail; 'close' follows.
    below.on('error', ignore);
    // Half-open, a client that goes during its handshake would be waited for until the deadline.
    below.allowHalfOpen = false;
    this.#socket = new TLSSocket(below, { isServer: true, secureContext: greeting.context });
    this.#socket.on('secure', this.#onSecure);
    this.#socket.on('error', this.#onError);
    this.#socket.on('close', this.#onClose);
    const handle = handleOf(this.#socket);
    if (handle !== null)
      greeting.prepare(handle, this.#socket, (error) => this.#end(error.message));
  }

  /** Never: a request is about to come. */
  closeIfIdle(): void {}

  cut(): boolean {
    this.#socket.destroy();
    return false;
  }

  expired(): void {
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#end('ERR_TLS_HANDSHAKE_TIMEOUT');
  }

  readonly #onSecure = (): void => {
    const socket = this.#socket;
    const handle = handleOf(socket);
    if (handle === null) return;
    const fault = this.#greeting.faultOf(handle, socket);
    if (fault !== null) {
      this.#end(fault);
      return;
    }
    socket.off('error', this.#onError);
    socket.off('close', this.#onClose);
    this.#clock.remove(this);
    socket.allowHalfOpen = true;
    // From here on Node tells of errors of TLS, but only a server of its own.
    handle.onerror = (error) => socket.destroy(error);
    this.#owner.secured(this, new SocketWire(socket));
  };

  readonly #onError = (error: TlsFault): void => {
    this.#fault = error.code ?? error.message;
    // Below TLS, as the client does not speak it.
    if (this.#fault === 'ERR_SSL_HTTP_REQUEST') this.#below.write(refusalOf(400), 'latin1');
  };

  readonly #onClose = (): void => {
    this.#clock.remove(this);
    this.#owner.failed(this, this.#fault);
  };

  #end(fault: string): void {
    this.#fault = fault;
    this.#socket.destroy();
  }
}

function ignore(): void {}

/** Null when it is closed already. */
function handleOf(socket: TLSSocket): SocketHandle | null {
  return (socket as unknown as { readonly _handle: SocketHandle | null })._handle;
}
