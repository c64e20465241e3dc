// Certificates of the https listener: read once per worker, chosen by the name a client asks for.

import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';

interface Identity {
  readonly certificate: X509Certificate;
  readonly context: SecureContext;
}

export class Certificates {
  readonly #identities: readonly Identity[];

  /** Each of `pems` holds a certificate (chain) and its key; throws if one cannot be used. */
  constructor(pems: readonly string[]) {
    this.#identities = pems.map((pem, place) => read(pem, place + 1));
  }

  /**
   * The context for a server name: a certificate that names it exactly before one with a wildcard,
   * else the first one. Undefined when there is none at all.
   */
  contextFor(serverName: string): SecureContext | undefined {
    const name = serverName.toLowerCase();
    const exact = this.#find(name, false) ?? this.#find(name, true);
    return (exact ?? this.#identities[0])?.context;
  }

  #find(name: string, wildcards: boolean): Identity | undefined {
    return this.#identities.find(
      ({ certificate }) => name !== '' && certificate.checkHost(name, { wildcards }) !== undefined,
    );
  }
}

function read(pem: string, place: number): Identity {
  try {
    const context = createSecureContext({ cert: pem, key: pem, minVersion: 'TLSv1.2' });
    return { certificate: new X509Certificate(pem), context };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `certificate ${place} cannot be used: ${why}; expected PEM with a certificate and its key`,
    );
  }
}
