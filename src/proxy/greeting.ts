// What a listener shows in its handshakes, ready for any number of them. A client's name chooses a whole
// context, with each kind of key in it: OpenSSL's own order of things. (Node's SNICallback adds one key
// to those of the first certificate, and the client might be shown one of another name.)

import { PassThrough } from 'node:stream';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import type { TlsTerms } from './tls.ts';

/** What OpenSSL says, with Node's code for it. */
export interface TlsFault extends Error {
  readonly code?: string;
}

/** What a TLS handle of Node's is asked and told for a handshake. */
export interface Shaking {
  setVerifyMode(asks: boolean, insists: boolean): void;
  setALPNProtocols(protocols: Uint8Array): void;
  /** Null = the client's certificate is trusted. */
  verifyError(): TlsFault | null;
  getPeerX509Certificate(): object | undefined;
  isSessionReused(): boolean;
}

/** The handle, or its owner: where the name is put that the client asks for, once it is known. */
export interface Named {
  servername?: unknown;
}

/** How one handshake, or any number of them, is held. */
export interface Greets {
  readonly context: SecureContext;
  /** Tells a handle what to show. `failed` hears why that is not possible once the name is known. */
  prepare(handle: Shaking, named: Named, failed: (error: Error) => void): void;
  /**
   * Why a client that has shaken hands is not let in: OpenSSL lets all certificates pass, with Node.
   * Null = its certificate is trusted, or none was asked for; its name is in its place.
   */
  faultOf(handle: Shaking, named: Named): string | null;
}

export class Greeting implements Greets {
  readonly context: SecureContext;
  readonly #terms: TlsTerms;
  /** As RFC 7301 §3.1 lists them. */
  readonly #protocols: Uint8Array;
  /** Contexts that OpenSSL asks for a protocol when it has changed over to them. */
  readonly #asked = new WeakSet<SecureContext>();

  /** Throws when the terms cannot be kept. */
  constructor(terms: TlsTerms) {
    this.context = createSecureContext(terms.context);
    this.#terms = terms;
    const names = terms.protocols.map((name) => `${String.fromCharCode(name.length)}${name}`);
    this.#protocols = Buffer.from(names.join(''), 'latin1');
  }

  prepare(handle: Shaking, named: Named, failed: (error: Error) => void): void {
    if (this.#terms.asksClients) handle.setVerifyMode(true, true);
    if (this.#protocols.length > 0) handle.setALPNProtocols(this.#protocols);
    const { contextFor } = this.#terms;
    if (contextFor === null) return;
    // Asked for before OpenSSL chooses anything, right after the name was put in its place.
    Object.defineProperty(handle, 'sni_context', {
      get: () => {
        try {
          return this.#handleOf(contextFor(nameIn(named)));
        } catch (error) {
          failed(error instanceof Error ? error : new Error(String(error)));
          return undefined;
        }
      },
    });
  }

  faultOf(handle: Shaking): string | null {
    if (!this.#terms.asksClients) return null;
    const error = handle.verifyError();
    if (error !== null) return error.code ?? error.message;
    // A session that is resumed is as good as the certificate it was made with.
    return handle.getPeerX509Certificate() === undefined ? 'UNABLE_TO_GET_ISSUER_CERT' : null;
  }

  #handleOf(chosen: SecureContext | null): unknown {
    if (chosen === null) return undefined;
    if (this.#protocols.length > 0 && !this.#asked.has(chosen)) {
      this.#asked.add(chosen);
      askForProtocol(chosen, this.#terms.protocols);
    }
    return chosen.context;
  }
}

/** A connection makes only the context that it began with ask; so here is one that does nothing else. */
function askForProtocol(secureContext: SecureContext, protocols: readonly string[]): void {
  const options = { isServer: true, secureContext, ALPNProtocols: [...protocols] };
  new TLSSocket(new PassThrough(), options).destroy();
}

/** Empty when the client asked for none. */
export function nameIn({ servername }: Named): string {
  return typeof servername === 'string' ? servername : '';
}
