// Handshakes on Node's TLS handles: what a listener shows, ready for any number of them, and one that is
// under way. A client's name chooses the whole set of certificates, each kind of key among them:
// OpenSSL's own order of things, which Node's SNICallback does not keep.

import { createSecureContext, type SecureContext } from 'node:tls';
import { refusalOf } from './answers.ts';
import type { Clock, Timed } from './clock.ts';
import type { Handshake, HandshakeOwner } from './handshakes.ts';
import type { TcpHandle } from './native-tcp.ts';
import { type NativeTls, type TlsHandle, wrapTls } from './native-tls.ts';
import { NativeTlsWire, type TlsEvents } from './native-tls-wire.ts';
import type { ProxyAddresses } from './proxy-protocol/header.ts';
import type { TlsTerms } from './tls.ts';

/** What a listener's handshakes have in common. */
export class NativeGreeting {
  readonly native: NativeTls;
  readonly context: SecureContext;
  readonly #terms: TlsTerms;
  /** As RFC 7301 §3.1 lists them; null = none are spoken of. */
  readonly #protocols: Uint8Array | null;
  /** Contexts that OpenSSL asks for a protocol when it has changed over to them. */
  readonly #listening = new WeakSet<SecureContext>();

  /** Throws when the terms cannot be kept. */
  constructor(native: NativeTls, terms: TlsTerms) {
    this.native = native;
    this.context = createSecureContext(terms.context);
    this.#terms = terms;
    const { protocols } = terms;
    const lines = protocols.map((name) => `${String.fromCharCode(name.length)}${name}`);
    this.#protocols = protocols.length === 0 ? null : Buffer.from(lines.join(''), 'latin1');
  }

  get asksClients(): boolean {
    return this.#terms.asksClients;
  }

  /** Tells a handle what to show. `failed` hears why that is not possible once the name is known. */
  prepare(handle: TlsHandle, failed: (error: Error) => void): void {
    if (this.asksClients) handle.setVerifyMode(true, true);
    if (this.#protocols !== null) handle.setALPNProtocols(this.#protocols);
    const { contextFor } = this.#terms;
    if (contextFor === null) return;
    // The handle sets `servername` and then asks for this, before OpenSSL chooses anything.
    Object.defineProperty(handle, 'sni_context', {
      get: () => {
        try {
          return this.#nativeContext(contextFor(handle.servername ?? ''));
        } catch (error) {
          failed(error instanceof Error ? error : new Error(String(error)));
          return undefined;
        }
      },
    });
  }

  #nativeContext(chosen: SecureContext | null): unknown {
    if (chosen === null) return undefined;
    if (this.#protocols !== null && !this.#listening.has(chosen)) {
      this.#listening.add(chosen);
      this.#askForProtocol(chosen, this.#protocols);
    }
    return chosen.context;
  }

  /** A handle makes only the context it began with ask; so here is one that does nothing else. */
  #askForProtocol(context: SecureContext, protocols: Uint8Array): void {
    const { TCP, constants } = this.native.tcp;
    const tcp = new TCP(constants.SOCKET);
    const handle = wrapTls(this.native, tcp, context);
    handle.setALPNProtocols(protocols);
    tcp.close(() => handle.destroySSL());
  }
}

export class NativeHandshake implements Handshake, TlsEvents, Timed {
  deadlineMs = Number.POSITIVE_INFINITY;
  clockIndex = -1;
  readonly addresses: ProxyAddresses | null;
  readonly #wire: NativeTlsWire;
  readonly #clock: Clock;
  readonly #owner: HandshakeOwner;
  readonly #asksClients: boolean;
  #fault = 'ECONNRESET';

  constructor(
    greeting: NativeGreeting,
    tcp: TcpHandle,
    addresses: ProxyAddresses | null,
    owner: HandshakeOwner,
    clock: Clock,
  ) {
    this.addresses = addresses;
    this.#owner = owner;
    this.#clock = clock;
    this.#asksClients = greeting.asksClients;
    this.#wire = new NativeTlsWire(greeting.native, tcp, greeting.context, this);
    greeting.prepare(this.#wire.handle, (error) => this.#end(error.message));
  }

  /** It is over by `deadlineMs` of the clock. `received` came before what is to be read. */
  begin(deadlineMs: number, received: readonly Buffer[]): void {
    this.deadlineMs = deadlineMs;
    this.#clock.add(this);
    this.#wire.shake();
    for (const piece of received) this.#wire.handle.receive(piece);
  }

  /** Never: a request is about to come. */
  closeIfIdle(): void {}

  cut(): boolean {
    this.#wire.destroy();
    return false;
  }

  expired(): void {
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#end('ERR_TLS_HANDSHAKE_TIMEOUT');
  }

  wireSecured(): void {
    const fault = this.#faultOfClient();
    if (fault !== null) {
      this.#end(fault);
      return;
    }
    this.#clock.remove(this);
    this.#owner.secured(this, this.#wire);
  }

  wireUnsecured(code: string): void {
    this.#fault = code;
    if (code === 'ERR_SSL_HTTP_REQUEST') this.#wire.writeBelow(refusalOf(400));
  }

  wireConnected(): void {}
  wireBytes(): void {}
  wireWritable(): void {}

  wireEnded(): void {
    this.#wire.destroy();
  }

  wireClosed(): void {
    this.#clock.remove(this);
    this.#owner.failed(this, this.#fault);
  }

  #end(fault: string): void {
    this.#fault = fault;
    this.#wire.destroy();
  }

  /** OpenSSL lets all certificates pass with Node; null = it is trusted, or none was asked for. */
  #faultOfClient(): string | null {
    if (!this.#asksClients) return null;
    const { handle } = this.#wire;
    const error = handle.verifyError();
    if (error !== null) return error.code ?? error.message;
    // A session that is resumed is as good as the certificate it was made with.
    return handle.getPeerX509Certificate() === undefined ? 'UNABLE_TO_GET_ISSUER_CERT' : null;
  }
}
