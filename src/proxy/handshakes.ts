// The TLS of one listener: connections whose handshake is under way, each with what is known of its
// client already. Node's TLS server does the handshakes; it is given sockets, and replaced by another
// when certificates or the plan change, which nothing that is open notices.

import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { ListenerSpec } from '../plan/plan.ts';
import { refusalOf } from './answers.ts';
import type { Credentials } from './credentials.ts';
import type { ProxyAddresses } from './proxy-protocol/header.ts';
import { type CertificateFacts, certificatesOf, readFacts, tlsOptionsOf } from './tls.ts';

export interface HandshakeOwner {
  /** It is done; `socket` is the owner's. */
  secured(handshake: Handshake, socket: TLSSocket): void;
  /** It failed, or the client went (`reason` is Node's code for it); the socket is closed. */
  failed(handshake: Handshake, reason: string): void;
}

/** One handshake under way. */
export class Handshake {
  /** The connection below TLS. */
  readonly socket: Socket;
  /** From its PROXY protocol header; null without. */
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

export class Handshakes {
  readonly #owner: HandshakeOwner;
  readonly #timeoutMs: number;
  /** By the four numbers that name a connection: a TLSSocket does not tell what it was made of. */
  readonly #pending = new Map<string, Handshake>();
  #listener: ListenerSpec | null = null;
  #credentials: Credentials | null = null;
  #server: Server | null = null;
  /** Of the certificates in use. */
  #facts: ReadonlyMap<string, CertificateFacts> = new Map();

  constructor(owner: HandshakeOwner, timeoutMs: number) {
    this.#owner = owner;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Gets ready for handshakes by these. Throws, saying why, when they cannot be used; what was usable
   * before is kept if only the credentials have changed.
   */
  update(listener: ListenerSpec, credentials: Credentials): void {
    const samePlan = this.#listener?.tls === listener.tls && this.#listener?.mode === listener.mode;
    if (samePlan && this.#credentials === credentials) return;
    this.#listener = listener;
    this.#credentials = credentials;
    if (!samePlan) this.#server = null;
    const pems = certificatesOf(listener, credentials);
    this.#facts = readFacts(pems, this.#facts);
    const options = tlsOptionsOf(listener, credentials, [...this.#facts.values()]);
    const server = createServer({ ...options, handshakeTimeout: this.#timeoutMs });
    server.on('secureConnection', (socket) => this.#secured(socket));
    server.on('tlsClientError', (error, socket) => this.#failed(error, socket));
    this.#server = server;
  }

  /** Begins a handshake; the caller has called `update`. Returns null if that is not possible. */
  begin(socket: Socket, addresses: ProxyAddresses | null): Handshake | null {
    const name = nameOf(socket);
    if (this.#server === null || name === '') {
      socket.destroy();
      return null;
    }
    const handshake = new Handshake(socket, addresses);
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
    else this.#owner.secured(handshake, socket);
  }

  #failed(error: Error & { readonly code?: string }, socket: TLSSocket): void {
    const handshake = this.#take(socket);
    // Below TLS, as the client does not speak it.
    if (error.code === 'ERR_SSL_HTTP_REQUEST') handshake?.socket.write(refusalOf(400), 'latin1');
    socket.destroy();
    if (handshake !== null) this.#owner.failed(handshake, error.code ?? error.message);
  }

  #take(socket: TLSSocket): Handshake | null {
    const name = nameOf(socket);
    const handshake = this.#pending.get(name) ?? null;
    this.#pending.delete(name);
    return handshake;
  }
}

function ignore(): void {}

/** Empty when it is gone already. */
function nameOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  if (remoteAddress === undefined || localAddress === undefined) return '';
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
