// Certificates, authorities and error files on disk → credentials for the workers, and which claims can
// be served with them. A file is read when something first asks for it and whenever it changes; a broken one costs its own app
// only, and what was read of it before stays in use.

import { randomBytes } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { Claim } from '../catalogue/claim.ts';
import { listChanges } from '../catalogue/list-changes.ts';
import type { Problem } from '../catalogue/problem.ts';
import type { Logger } from '../log/logger.ts';
import { readAuthorities, readCertificate } from '../options/certificates.ts';
import { readErrorFile } from '../options/error-file.ts';
import { PemPath } from '../options/pem-path.ts';
import type { TlsSpec } from '../plan/plan.ts';
import type { Credentials, PemFiles } from '../proxy/credentials.ts';

const TICKET_KEY_BYTES = 48;
/** Told of one path. */
const MAX_FAULTS = 4;

export interface Guarded {
  /** Those that can be served as they ask. */
  readonly claims: readonly Claim[];
  readonly problems: readonly Problem[];
}

/** Certificates of the https listener. */
export interface SharedCertificates {
  /** Files and folders that are looked at again and again. */
  readonly paths: readonly string[];
  /** What they held at the start: used when nothing can be read any more. */
  readonly fromFiles: readonly string[];
  /** PEM texts besides, after those of the files. */
  readonly fixed: readonly string[];
}

export class Certificates {
  readonly #fromFiles: readonly string[];
  readonly #fixed: readonly string[];
  readonly #shared: readonly PemPath[];
  readonly #certificates = new Map<string, PemPath>();
  readonly #authorities = new Map<string, PemPath>();
  readonly #errorFiles = new Map<string, PemPath>();
  readonly #ticketKeys = randomBytes(TICKET_KEY_BYTES).toString('hex');
  readonly #log: Logger;
  #sharedFaults = '';
  #claims: readonly Claim[] = [];
  readonly #concerned = new Set<Claim>();
  #credentials: Credentials;

  constructor({ paths, fromFiles, fixed }: SharedCertificates, log: Logger) {
    this.#fromFiles = fromFiles;
    this.#fixed = fixed;
    this.#shared = paths.map((path) => new PemPath(path, readCertificate));
    this.#log = log;
    this.#credentials = this.#gather();
  }

  /** The same object as long as nothing has changed. */
  get credentials(): Credentials {
    return this.#credentials;
  }

  /** Looks at all files; true if anything is to be applied anew. */
  look(): boolean {
    const own = [this.#certificates, this.#authorities, this.#errorFiles].flatMap((known) => [
      ...known.values(),
    ]);
    // Not `some`: every one is to be looked at.
    const changed = [...this.#shared, ...own].filter((one) => one.look());
    if (changed.length === 0) return false;
    this.#tellOfShared(changed.filter((one) => this.#shared.includes(one)));
    this.#credentials = this.#gather();
    return true;
  }

  /**
   * Reads what the claims name, forgets what none names, and leaves out what cannot be served.
   * `groupsHttps` is `--group-https-by-vhost`: hosts may do with the shared certificates.
   */
  guard(claims: readonly Claim[], groupsHttps = false): Guarded {
    const concerned = this.#concernedOf(claims);
    const specs = concerned.flatMap((claim) => spokenBy(claim, groupsHttps) ?? []);
    const certificates = specs.flatMap((tls) => tls.certificates);
    const ofServers = concerned.flatMap(({ policy }) => policy.serverTls?.authorities || []);
    const authorities = [...specs.flatMap((tls) => tls.authorities || []), ...ofServers];
    const errorFiles = concerned.flatMap(({ policy }) => policy.errorFiles.map(({ path }) => path));
    const changes =
      keepOnly(this.#certificates, certificates, readCertificate) +
      keepOnly(this.#authorities, authorities, readAuthorities) +
      keepOnly(this.#errorFiles, errorFiles, readErrorFile);
    if (changes > 0) this.#credentials = this.#gather();
    const problems: Problem[] = concerned.flatMap((claim) => this.#problemsOfPolicy(claim));
    const refused = new Set(
      concerned.filter((claim) => !this.#isServable(claim, groupsHttps, problems)),
    );
    return {
      claims: refused.size === 0 ? claims : claims.filter((claim) => !refused.has(claim)),
      problems,
    };
  }

  /** In their order; claims that were there in the last look are not looked into. */
  #concernedOf(claims: readonly Claim[]): readonly Claim[] {
    const { removed, added } = listChanges(this.#claims, claims);
    this.#claims = claims;
    for (const claim of removed) this.#concerned.delete(claim);
    for (const claim of added) if (isConcerned(claim)) this.#concerned.add(claim);
    if (this.#concerned.size === 0) return [];
    return claims.filter((claim) => this.#concerned.has(claim));
  }

  #gather(): Credentials {
    const shared = this.#shared.flatMap(({ pems }) => pems);
    return {
      shared: [...(shared.length > 0 ? shared : this.#fromFiles), ...this.#fixed],
      certificates: textsOf(this.#certificates),
      authorities: textsOf(this.#authorities),
      errorFiles: textsOf(this.#errorFiles).flatMap(({ path, pems }) =>
        pems.slice(0, 1).map((text) => ({ path, text })),
      ),
      ticketKeys: this.#ticketKeys,
    };
  }

  #problemsOfPolicy({ appId, portIndex, policy }: Claim): readonly Problem[] {
    const files = [
      ...policy.errorFiles.map(({ path }) => ({
        known: this.#errorFiles.get(path),
        where: 'errorfile',
        so: 'without one that was read before, the usual answer is sent',
      })),
      {
        known: this.#authorities.get(policy.serverTls?.authorities ?? ''),
        where: 'ca-file of the servers',
        so: 'without one that was read before, no server is connected to',
      },
    ];
    return files.flatMap(({ known, where, so }) =>
      shortened(known?.faults ?? []).map((fault) => ({
        app: appId,
        where: `${where}, port ${portIndex}`,
        value: known?.path.slice(0, 200) ?? '',
        message: `${fault}; ${so}`,
      })),
    );
  }

  #tellOfShared(changed: readonly PemPath[]): void {
    const faults = this.#shared.flatMap(({ path, faults }) =>
      faults.map((one) => `${path}: ${one}`),
    );
    const text = faults.join('; ');
    if (text !== '' && text !== this.#sharedFaults) {
      this.#log.warn(
        { faults },
        'a certificate of --ssl-certs cannot be used: the last good one is',
      );
    } else if (changed.length > 0) {
      const paths = changed.map(({ path }) => path);
      this.#log.info({ paths }, 'certificates were read anew: new handshakes use them');
    }
    this.#sharedFaults = text;
  }

  #isServable(claim: Claim, groupsHttps: boolean, problems: Problem[]): boolean {
    const { appId, portIndex } = claim;
    const tls = spokenBy(claim, groupsHttps);
    if (tls === null) return true;
    const needsOwn = tls.certificates.length > 0 || !groupsHttps || !hasHosts(claim);
    const where = (name: string): string => `HAPROXY_${portIndex}_${name}`;
    const sets = [
      {
        label: where('SSL_CERT'),
        paths: needsOwn ? tls.certificates : null,
        known: this.#certificates,
      },
      {
        label: where('BIND_OPTIONS'),
        paths: tls.clientCertificate === 'required' ? [tls.authorities] : null,
        known: this.#authorities,
      },
    ];
    let servable = true;
    for (const { label, paths, known } of sets) {
      if (paths === null) continue;
      const files = paths.flatMap((path) => known.get(path) ?? []);
      const usable = files.some(({ pems }) => pems.length > 0);
      if (!usable) servable = false;
      const so = usable
        ? 'what could be read of it, now or before, is used'
        : 'the port is not served';
      for (const { path, faults } of files) {
        for (const fault of shortened(faults)) {
          problems.push({
            app: appId,
            where: label,
            value: path.slice(0, 200),
            message: `${fault}; ${so}`,
          });
        }
      }
    }
    const fault = parametersFault(tls);
    if (fault !== '') {
      const message = `${fault}; expected ciphers that OpenSSL knows; the port is not served`;
      const value = `${tls.ciphers} ${tls.ciphersuites}`.trim().slice(0, 200);
      problems.push({ app: appId, where: where('BIND_OPTIONS'), value, message });
    }
    return servable && fault === '';
  }
}

/** False for most of a large cluster: there is no file to be read for them. */
function isConcerned({ tls, hostTls, policy }: Claim): boolean {
  const { serverTls, errorFiles } = policy;
  return tls !== null || hostTls !== undefined || serverTls !== null || errorFiles.length > 0;
}

/** Null = nothing of it is in TLS. */
function spokenBy(claim: Claim, groupsHttps: boolean): TlsSpec | null {
  return claim.tls ?? (groupsHttps && hasHosts(claim) ? (claim.hostTls ?? null) : null);
}

function hasHosts({ routes }: Claim): boolean {
  return routes.some(({ hosts }) => hosts.length > 0);
}

/** A folder of something else holds thousands of files. */
function shortened(faults: readonly string[]): readonly string[] {
  if (faults.length <= MAX_FAULTS) return faults;
  const more = faults.length - MAX_FAULTS + 1;
  return [...faults.slice(0, MAX_FAULTS - 1), `${more} more files cannot be used`];
}

/** Number of paths that came or went. */
function keepOnly(
  known: Map<string, PemPath>,
  wanted: readonly string[],
  read: (file: string) => string,
): number {
  const paths = new Set(wanted);
  let changes = 0;
  for (const path of known.keys()) {
    if (paths.has(path)) continue;
    known.delete(path);
    changes += 1;
  }
  for (const path of paths) {
    if (known.has(path)) continue;
    known.set(path, new PemPath(path, read));
    changes += 1;
  }
  return changes;
}

function textsOf(known: ReadonlyMap<string, PemPath>): readonly PemFiles[] {
  return [...known.values()].map(({ path, pems }) => ({ path, pems }));
}

/** Empty = OpenSSL takes them. */
function parametersFault({ ciphers, ciphersuites }: TlsSpec): string {
  if (ciphers === '' && ciphersuites === '') return '';
  try {
    createSecureContext({ ciphers: [ciphersuites, ciphers || 'HIGH'].filter(Boolean).join(':') });
    return '';
  } catch (error) {
    return error instanceof Error ? (error.message.split(':').at(-1) ?? '') : String(error);
  }
}
