// Handshakes by Node's TLS server, which is given sockets: where Node's TLS handles cannot be used
// directly. A name that has keys of several kinds shows the last one only, and the first certificate's
// other kinds.

import type { Socket } from 'node:net';
import {
  createServer,
  type SecureContext,
  type Server,
  type TLSSocket,
  type TlsOptions,
} from 'node:tls';
import { refusalOf } from './answers.ts';
import type { Handshake, HandshakeOwner } from './handshakes.ts';
import type { ProxyAddresses } from './proxy-protocol/header.ts';
import { SocketWire } from './socket-wire.ts';
import type { TlsTerms } from './tls.ts';

type SniCallback = NonNullable<TlsOptions['SNICallback']>;

class SocketHandshake implements Handshake {
  /** The connection below TLS. */
  readonly socket: Socket;
  readonly addresses: ProxyAddresses | null;

  constructor(socket: Socket, addresses: ProxyAddresses | null) {
    this.socket = socket;
    this.addresses = addresses;
  }

  /** Never: a request is about to come. */
  closeIfIdle(): void {}

  cut(): boolean {
    this.socket.destroy();
    return false;
  }
}

export class SocketHandshakes {
  readonly #owner: HandshakeOwner;
  readonly #server: Server;
  /** By the four numbers that name a connection: a TLSSocket does not tell what it was made of. */
  readonly #pending = new Map<string, SocketHandshake>();

  /** Throws when the terms cannot be kept. */
  constructor(terms: TlsTerms, owner: HandshakeOwner, timeoutMs: number) {
    const { contextFor, protocols } = terms;
    this.#owner = owner;
    this.#server = createServer({
      ...terms.context,
      requestCert: terms.asksClients,
      rejectUnauthorized: true,
      handshakeTimeout: timeoutMs,
      ...(protocols.length > 0 && { ALPNProtocols: [...protocols] }),
      ...(contextFor !== null && { SNICallback: answering(contextFor) }),
    });
    this.#server.on('secureConnection', (socket) => this.#secured(socket));
    this.#server.on('tlsClientError', (error, socket) => this.#failed(error, socket));
  }

  /** Begins one. Returns null if that is not possible. */
  begin(socket: Socket, addresses: ProxyAddresses | null): Handshake | null {
    const name = nameOf(socket);
    if (name === '') {
      socket.destroy();
      return null;
    }
    const handshake = new SocketHandshake(socket, addresses);
    this.#pending.set(name, handshake);
    // The answer to a plain request may fail; 'close' follows.
    socket.on('error', ignore);
    socket.once('close', () => {
      if (this.#pending.get(name) !== handshake) return;
      this.#pending.delete(name);
      this.#owner.failed(handshake, 'ECONNRESET');
    });
    // Half-open, a client that goes during its handshake would be waited for until the timeout.
    socket.allowHalfOpen = false;
    // Documented: connections may be handed to a TLS server by its event.
    this.#server.emit('connection', socket);
    return handshake;
  }

  #secured(socket: TLSSocket): void {
    const handshake = this.#take(socket);
    socket.allowHalfOpen = true;
    if (handshake === null) socket.destroy();
    else this.#owner.secured(handshake, new SocketWire(socket));
  }

  #failed(error: Error & { readonly code?: string }, socket: TLSSocket): void {
    const handshake = this.#take(socket);
    // Below TLS, as the client does not speak it.
    if (error.code === 'ERR_SSL_HTTP_REQUEST') handshake?.socket.write(refusalOf(400), 'latin1');
    socket.destroy();
    if (handshake !== null) this.#owner.failed(handshake, error.code ?? error.message);
  }

  #take(socket: TLSSocket): SocketHandshake | null {
    const name = nameOf(socket);
    const handshake = this.#pending.get(name) ?? null;
    this.#pending.delete(name);
    return handshake;
  }
}

/** Tells Node what to show to a client that asks for a name. */
function answering(contextFor: (name: string) => SecureContext | null): SniCallback {
  return (name, done) => {
    try {
      done(null, contextFor(name) ?? undefined);
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  };
}

function ignore(): void {}

/** Empty when it is gone already. */
function nameOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  if (remoteAddress === undefined || localAddress === undefined) return '';
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
