// What a listener shows in a handshake: certificates chosen by the name a client asks for, versions,
// ciphers and whether clients must show a certificate. Made anew when any of it changes; connections
// keep what they were made with.

import { constants, createHash, randomBytes } from 'node:crypto';
import type { SecureContext, SecureContextOptions } from 'node:tls';
import type { ListenerSpec, TlsSpec } from '../plan/plan.ts';
import { type CertificateFacts, Certificates, identitiesOf, pairs } from './certificates.ts';
import { type Credentials, pemsOf } from './credentials.ts';

/** Marathon-LB's `ssl-default-bind-ciphers`. */
const DEFAULT_CIPHERS = [
  ...['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ...['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
  ...['DHE-RSA-AES128-GCM-SHA256', 'DHE-RSA-AES256-GCM-SHA384'],
  ...['ECDHE-ECDSA-AES128-SHA256', 'ECDHE-RSA-AES128-SHA256'],
  ...['ECDHE-ECDSA-AES256-SHA384', 'ECDHE-RSA-AES256-SHA384'],
  ...['DHE-RSA-AES128-SHA256', 'DHE-RSA-AES256-SHA256'],
  ...['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'AES128-SHA256', 'AES256-SHA256'],
  ...['!aNULL', '!MD5', '!DSS'],
].join(':');

/** What TLS 1.0 and 1.1 have in common with it; OpenSSL 3 speaks these at its lowest level only. */
const OLD_CIPHERS = [
  ...['ECDHE-ECDSA-AES128-SHA', 'ECDHE-RSA-AES128-SHA', 'AES128-SHA', 'AES256-SHA'],
  '@SECLEVEL=0',
];

/** What handshakes of a listener need to know, and what they show. */
export interface TlsTerms {
  /** For clients that name no server, or one without a certificate of its own. */
  readonly context: SecureContextOptions;
  /** What a client that asks for a name is shown; null as above. Throws if it cannot be used. */
  readonly contextFor: ((name: string) => SecureContext | null) | null;
  /** Clients must show a certificate. */
  readonly asksClients: boolean;
  /** What can be spoken above TLS; empty = anything. */
  readonly protocols: readonly string[];
}

/** The terms of a listener with all of its certificates. Throws, saying which, if something cannot be used. */
export function tlsTermsOf(
  listener: ListenerSpec,
  credentials: Credentials,
  certificates: readonly CertificateFacts[],
): TlsTerms {
  const spec = listener.tls;
  if (spec === null) throw new Error(`listener ${listener.key} speaks no TLS`);
  const identities = identitiesOf(certificates);
  const [first] = identities;
  if (first === undefined) {
    throw new Error(`no certificate is configured; expected one for listener ${listener.key}`);
  }
  const options = contextOptions(listener.key, spec, credentials);
  const named = identities.length > 1 ? new Certificates(identities, options) : null;
  return {
    context: { ...options, ...pairs(first.pems) },
    contextFor: named && ((name) => named.contextFor(name)),
    asksClients: spec.clientCertificate === 'required',
    protocols: listener.mode === 'http' ? ['http/1.1'] : [],
  };
}

function contextOptions(key: string, spec: TlsSpec, credentials: Credentials) {
  const { clientCertificate, ciphers, ciphersuites, minVersion, maxVersion } = spec;
  const ca = pemsOf(credentials.authorities, [spec.authorities]);
  if (clientCertificate === 'required' && ca.length === 0) {
    throw new Error(`no authority for client certificates; expected one for listener ${key}`);
  }
  const isOld = minVersion === 'TLSv1' || minVersion === 'TLSv1.1';
  const list = [ciphers || DEFAULT_CIPHERS, ...(isOld ? OLD_CIPHERS : [])].join(':');
  const options: SecureContextOptions = {
    minVersion,
    maxVersion,
    ciphers: ciphersuites === '' ? list : `${ciphersuites}:${list}`,
    honorCipherOrder: true,
    // As strong as the key of the certificate, never below HAProxy's 2,048 bits.
    dhparam: 'auto',
    // A session made by other terms must not be resumed here: no certificate was asked for, or another
    // authority's, or the cipher is one that is not taken here.
    sessionIdContext: hash([key, JSON.stringify(spec), ...ca]),
    ...(ca.length > 0 && { ca: [...ca] }),
    // The same for all names: a ticket is sealed by the keys of one and opened by those of the default.
    ticketKeys:
      credentials.ticketKeys === '' ? randomBytes(48) : Buffer.from(credentials.ticketKeys, 'hex'),
    // A client could make the server work without end (CVE-2011-1473); HAProxy refuses as well.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  };
  return options;
}

/** As long as OpenSSL takes it: 32 bytes. */
function hash(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
