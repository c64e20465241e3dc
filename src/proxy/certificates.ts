// A listener's certificates: read, brought together where they are for the same names, and chosen by
// the name that a client asks for.

import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { ListenerSpec, TlsSpec } from '../plan/plan.ts';
import { type Credentials, pemsOf } from './credentials.ts';

/** The certificates a listener has, each once and its default first. */
export function certificatesOf(listener: ListenerSpec, credentials: Credentials) {
  const own = pemsOf(credentials.certificates, listener.tls?.certificates ?? []);
  return [...new Set(listener.kind === 'https' ? [...credentials.shared, ...own] : own)];
}

/** Those for names that are spoken to like this: its own, else those of the https listener. */
export function certificatesByName(tls: TlsSpec, credentials: Credentials): readonly string[] {
  if (tls.certificates.length === 0) return credentials.shared;
  return [...new Set(pemsOf(credentials.certificates, tls.certificates))];
}

/** What is shown for some names: one certificate, or one for each kind of key. */
export interface Identity {
  readonly names: readonly string[];
  readonly keyTypes: string[];
  readonly pems: string[];
  /** Made when it is first asked for: of thousands of names few are in use. */
  context: SecureContext | null;
}

/**
 * In the order of `pems`, each a certificate (chain) with its key. Certificates for the same names
 * with keys of different kinds are one identity: the client's abilities choose.
 */
export function identitiesOf(all: readonly CertificateFacts[]): readonly Identity[] {
  const identities: Identity[] = [];
  const byNames = new Map<string, Identity[]>();
  for (const { pem, names, keyType } of all) {
    const named = names.join();
    const twins = byNames.get(named) ?? [];
    const twin = twins.find((one) => !one.keyTypes.includes(keyType));
    if (twin !== undefined && named !== '') {
      twin.keyTypes.push(keyType);
      twin.pems.push(pem);
      continue;
    }
    const identity = { names, keyTypes: [keyType], pems: [pem], context: null };
    identities.push(identity);
    twins.push(identity);
    byNames.set(named, twins);
  }
  return identities;
}

export function pairs(pems: readonly string[]): { cert: string[]; key: string[] } {
  return { cert: [...pems], key: [...pems] };
}

/** Which certificate is shown to whom. */
export class Certificates {
  /** By name, `*.` in front included; the first identity for a name has it. */
  readonly #byName = new Map<string, Identity>();
  readonly #default: Identity;
  readonly #options: SecureContextOptions;

  constructor(identities: readonly Identity[], options: SecureContextOptions) {
    this.#default = identities[0] as Identity;
    this.#options = options;
    for (const identity of identities) {
      for (const name of identity.names) {
        if (!this.#byName.has(name)) this.#byName.set(name, identity);
      }
    }
  }

  /**
   * A certificate that names it exactly before one with a wildcard, else the first one: null, for
   * that is what is shown anyway.
   */
  contextFor(serverName: string): SecureContext | null {
    const name = serverName.toLowerCase();
    const wildcard = `*${name.slice(name.indexOf('.'))}`;
    const identity = this.#byName.get(name) ?? this.#byName.get(wildcard) ?? this.#default;
    if (identity === this.#default) return null;
    identity.context ??= createSecureContext({ ...this.#options, ...pairs(identity.pems) });
    return identity.context;
  }
}

/** What has to be known of a certificate to choose it. */
export interface CertificateFacts {
  readonly pem: string;
  /** Lower-cased, `*.` in front included. */
  readonly names: readonly string[];
  readonly keyType: string;
}

/**
 * Each of `pems` holds a certificate (chain) and its key; throws if one cannot be used. Those in
 * `known` are not read again.
 */
export function readFacts(
  pems: readonly string[],
  known: ReadonlyMap<string, CertificateFacts>,
): ReadonlyMap<string, CertificateFacts> {
  return new Map(pems.map((pem, index) => [pem, known.get(pem) ?? factsOf(pem, index + 1)]));
}

function factsOf(pem: string, place: number): CertificateFacts {
  try {
    const certificate = new X509Certificate(pem);
    const keyType = certificate.publicKey.asymmetricKeyType ?? '';
    return { pem, names: namesOf(certificate), keyType };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `certificate ${place} cannot be used: ${why}; expected PEM with a certificate and its key`,
    );
  }
}

/** RFC 6125 §6.4.4: the common name counts only where no DNS name is given. */
function namesOf(certificate: X509Certificate): readonly string[] {
  const alternatives = (certificate.subjectAltName ?? '')
    .split(', ')
    .filter((one) => one.startsWith('DNS:'))
    .map((one) => one.slice(4).toLowerCase());
  if (alternatives.length > 0) return alternatives;
  const [, name] = /^CN=(.+)$/m.exec(certificate.subject) ?? [];
  return name === undefined ? [] : [name.toLowerCase()];
}
