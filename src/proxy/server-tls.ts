// TLS on the connections to the servers of a colour. Only a server whose certificate is as asked for
// counts as connected: anything else is a connect that failed, and nothing was sent.

import { Socket } from 'node:net';
import { type ConnectionOptions, connect, createSecureContext, type SecureContext } from 'node:tls';
import type { ServerTlsSpec } from '../plan/plan.ts';
import { type Credentials, pemsOf } from './credentials.ts';
import { SocketWire } from './socket-wire.ts';
import type { Wire, WireEvents } from './wire.ts';

export class ServerTls {
  readonly #spec: ServerTlsSpec;
  #context: SecureContext | null = null;
  #credentials: Credentials | null = null;

  constructor(spec: ServerTlsSpec) {
    this.#spec = spec;
  }

  /**
   * Starts to connect. An error, of the handshake too, is reported as a broken wire. `before` is sent
   * in plain before the handshake; null = nothing is.
   */
  dial(
    address: string,
    port: number,
    credentials: Credentials,
    before: Buffer | null,
    events: WireEvents,
  ): Wire {
    const { verifies, serverName } = this.#spec;
    const plain = new Socket({ allowHalfOpen: true });
    plain.connect({ host: address, port, noDelay: true });
    if (before !== null) plain.write(before);
    const options: ConnectionOptions = {
      socket: plain,
      secureContext: this.#contextFor(credentials),
      rejectUnauthorized: verifies,
    };
    if (serverName !== '') options.servername = serverName;
    // HAProxy compares no name where none is given.
    else options.checkServerIdentity = () => undefined;
    const wire = new SocketWire(connect(options));
    wire.start(events);
    return wire;
  }

  /** Made anew when the files were read anew. */
  #contextFor(credentials: Credentials): SecureContext {
    if (this.#context === null || this.#credentials !== credentials) {
      const { verifies, authorities } = this.#spec;
      const isGiven = verifies && authorities !== '';
      this.#credentials = credentials;
      this.#context = isGiven
        ? trusting(pemsOf(credentials.authorities, [authorities]))
        : createSecureContext();
    }
    return this.#context;
  }
}

/** Trusts these authorities alone. One that cannot be read is none: no server is believed then. */
function trusting(pems: readonly string[]): SecureContext {
  try {
    return createSecureContext({ ca: [...pems] });
  } catch {
    return createSecureContext({ ca: [] });
  }
}
