// What a listener shows in a handshake: certificates chosen by the name a client asks for, versions,
// ciphers and whether clients must show a certificate. Made anew when any of it changes; connections
// keep what they were made with.

import { createHash, X509Certificate } from 'node:crypto';
import {
  createSecureContext,
  type SecureContext,
  type SecureContextOptions,
  type TlsOptions,
} from 'node:tls';
import type { ListenerSpec, TlsSpec } from '../plan/plan.ts';
import { type Credentials, pemsOf } from './credentials.ts';

/** Marathon-LB's `ssl-default-bind-ciphers`, without the triple DES that OpenSSL 3 has not. */
const DEFAULT_CIPHERS = [
  ...['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'],
  ...['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ...['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
  ...['DHE-RSA-AES128-GCM-SHA256', 'DHE-RSA-AES256-GCM-SHA384'],
  ...['ECDHE-ECDSA-AES128-SHA256', 'ECDHE-RSA-AES128-SHA256'],
  ...['ECDHE-ECDSA-AES128-SHA', 'ECDHE-RSA-AES256-SHA384', 'ECDHE-RSA-AES128-SHA'],
  ...['ECDHE-ECDSA-AES256-SHA384', 'ECDHE-ECDSA-AES256-SHA', 'ECDHE-RSA-AES256-SHA'],
  ...['DHE-RSA-AES128-SHA256', 'DHE-RSA-AES128-SHA', 'DHE-RSA-AES256-SHA256', 'DHE-RSA-AES256-SHA'],
  ...['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'AES128-SHA256', 'AES256-SHA256'],
  ...['AES128-SHA', 'AES256-SHA', '!DSS'],
].join(':');

/** The certificates a listener has, each once and its default first. */
export function certificatesOf(listener: ListenerSpec, credentials: Credentials) {
  const own = pemsOf(credentials.certificates, listener.tls?.certificates ?? []);
  return [...new Set(listener.kind === 'https' ? [...credentials.shared, ...own] : own)];
}

/**
 * Options for a TLS server of this listener, with all of its certificates. Throws, saying which, if
 * something cannot be used.
 */
export function tlsOptionsOf(
  listener: ListenerSpec,
  credentials: Credentials,
  certificates: readonly CertificateFacts[],
): TlsOptions {
  const spec = listener.tls;
  if (spec === null) throw new Error(`listener ${listener.key} speaks no TLS`);
  const identities = identitiesOf(certificates);
  const [first] = identities;
  if (first === undefined) {
    throw new Error(`no certificate is configured; expected one for listener ${listener.key}`);
  }
  const options = contextOptions(listener.key, spec, credentials);
  const named = new Certificates(identities, options);
  return {
    ...options,
    // For clients that name no server.
    ...pairs(first.pems),
    requestCert: spec.clientCertificate === 'required',
    rejectUnauthorized: true,
    ...(listener.mode === 'http' && { ALPNProtocols: ['http/1.1'] }),
    ...(identities.length > 1 && {
      SNICallback: (name, done) => named.answer(name, done),
    }),
  };
}

function contextOptions(key: string, spec: TlsSpec, credentials: Credentials) {
  const { clientCertificate, ciphers, ciphersuites, minVersion, maxVersion } = spec;
  const ca = pemsOf(credentials.authorities, [spec.authorities]);
  if (clientCertificate === 'required' && ca.length === 0) {
    throw new Error(`no authority for client certificates; expected one for listener ${key}`);
  }
  // OpenSSL 3 has TLS 1.0 and 1.1 at its lowest level only.
  const isOld = minVersion === 'TLSv1' || minVersion === 'TLSv1.1';
  const list = `${ciphers || DEFAULT_CIPHERS}${isOld ? ':@SECLEVEL=0' : ''}`;
  const options: SecureContextOptions = {
    minVersion,
    maxVersion,
    ciphers: ciphersuites === '' ? list : `${ciphersuites}:${list}`,
    honorCipherOrder: true,
    // A session made where no certificate was asked for, or another authority's, must not be resumed here.
    sessionIdContext: hash([key, clientCertificate, ...ca]),
    ...(ca.length > 0 && { ca: [...ca] }),
    ...(credentials.ticketKeys !== '' && {
      ticketKeys: Buffer.from(credentials.ticketKeys, 'hex'),
    }),
  };
  return options;
}

/** As long as OpenSSL takes it: 32 bytes. */
function hash(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** What is shown for some names: one certificate, or one for each kind of key. */
interface Identity {
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
function identitiesOf(all: readonly CertificateFacts[]): readonly Identity[] {
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

function pairs(pems: readonly string[]): { cert: string[]; key: string[] } {
  return { cert: [...pems], key: [...pems] };
}

class Certificates {
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

  /** Tells Node what to show to a client that asks for `name`. */
  answer(name: string, done: (error: Error | null, context?: SecureContext) => void): void {
    let context: SecureContext | null;
    try {
      context = this.#contextFor(name);
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (context === null) done(null);
    else done(null, context);
  }

  /**
   * A certificate that names it exactly before one with a wildcard, else the first one: null, for
   * that is what the server shows by itself, with keys of both kinds. (Node 24 shows the last kind
   * only of a context given for a name.)
   */
  #contextFor(serverName: string): SecureContext | null {
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
