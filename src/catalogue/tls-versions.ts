// HAProxy's words for the versions of TLS → the range that is spoken. Pure.

import type { TlsVersion } from './claim.ts';

const VERSIONS: readonly TlsVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
const NAMES: readonly string[] = ['TLSv1.0', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
const WORD = /^(no|force)-tlsv1([0-3])$/;

export interface VersionRange {
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
  /** True if nothing is left of what was asked for: then it is the usual ones. */
  readonly isNone: boolean;
}

export class TlsVersions {
  readonly #shutOut = new Set<number>();
  #least = 2;
  #most = 3;

  /** `ssl-min-ver`; false if there is no such version. */
  from(name: string): boolean {
    const place = NAMES.indexOf(name);
    if (place !== -1) this.#least = place;
    return place !== -1;
  }

  /** `ssl-max-ver`. */
  upTo(name: string): boolean {
    const place = NAMES.indexOf(name);
    if (place !== -1) this.#most = place;
    return place !== -1;
  }

  /** True for `no-tlsv1x` and `force-tlsv1x`. */
  understands(word: string): boolean {
    return WORD.test(word);
  }

  take(word: string): void {
    const [, what, version] = WORD.exec(word) ?? [];
    const place = Number(version);
    if (what === 'no') {
      this.#shutOut.add(place);
    } else {
      this.#least = place;
      this.#most = place;
    }
  }

  /** The newest versions in a row that are allowed: a hole cannot be asked of OpenSSL. */
  range(): VersionRange {
    const isAllowed = (place: number): boolean =>
      place >= this.#least && place <= this.#most && !this.#shutOut.has(place);
    let last = VERSIONS.length - 1;
    while (last >= 0 && !isAllowed(last)) last -= 1;
    let first = last;
    while (first > 0 && isAllowed(first - 1)) first -= 1;
    const minVersion = VERSIONS[first];
    const maxVersion = VERSIONS[last];
    if (minVersion === undefined || maxVersion === undefined) {
      return { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', isNone: true };
    }
    return { minVersion, maxVersion, isNone: false };
  }
}
