// SSL_CERT and BIND_OPTIONS → how a service's listener speaks. Marathon-LB pastes both into HAProxy's
// `bind` line; what is understood here are its words for TLS and the PROXY protocol. What would leave
// a port less guarded than it was asked to be is told as such: it is not served. Pure.

import type { TlsSpec, TlsVersion } from './claim.ts';

export interface BindWish {
  /** Null = in plain. Without certificates, or required ones without authorities: not to be served. */
  readonly tls: TlsSpec | null;
  readonly acceptProxy: boolean;
  readonly refused: readonly BindTrouble[];
}

export interface BindTrouble {
  readonly label: 'SSL_CERT' | 'BIND_OPTIONS';
  /** The words concerned; empty = the whole label. */
  readonly value: string;
  readonly verdict: 'ignored' | 'wrong';
  readonly message: string;
}

const VERSIONS: readonly TlsVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
const BY_NAME: Readonly<Record<string, TlsVersion>> = {
  'TLSv1.0': 'TLSv1',
  'TLSv1.1': 'TLSv1.1',
  'TLSv1.2': 'TLSv1.2',
  'TLSv1.3': 'TLSv1.3',
};
const SHUT_OUT: Readonly<Record<string, TlsVersion>> = {
  'no-tlsv10': 'TLSv1',
  'no-tlsv11': 'TLSv1.1',
  'no-tlsv12': 'TLSv1.2',
  'no-tlsv13': 'TLSv1.3',
};

const FORCED: Readonly<Record<string, TlsVersion>> = {
  'force-tlsv10': 'TLSv1',
  'force-tlsv11': 'TLSv1.1',
  'force-tlsv12': 'TLSv1.2',
  'force-tlsv13': 'TLSv1.3',
};

const WHICH_VERSION = 'expected TLSv1.0, TLSv1.1, TLSv1.2 or TLSv1.3; it is ignored';

/** Reads the labels of one port; empty = not given. */
export function readBind(certificate: string, options: string): BindWish {
  const reader = new BindReader();
  if (certificate.trim() !== '') reader.read('SSL_CERT', `crt ${certificate}`);
  reader.read('BIND_OPTIONS', options);
  return reader.wish();
}

class BindReader {
  readonly #refused: BindTrouble[] = [];
  readonly #certificates: string[] = [];
  readonly #shutOut = new Set<TlsVersion>();
  #acceptProxy = false;
  #ssl = false;
  #least: TlsVersion = 'TLSv1.2';
  #most: TlsVersion = 'TLSv1.3';
  #ciphers = '';
  #ciphersuites = '';
  #required = false;
  #authorities = '';
  /** A word was there that means nothing without TLS. */
  #ofTls = '';

  /** By HAProxy's keyword; those that stand alone. */
  readonly #flags: Readonly<Record<string, () => void>> = {
    ssl: () => {
      this.#ssl = true;
    },
    'accept-proxy': () => {
      this.#acceptProxy = true;
    },
    // Not spoken anyway.
    'no-sslv3': () => {},
  };

  /** Those that a value follows. Each returns what is wrong with it; empty = nothing. */
  readonly #settings: Readonly<Record<string, (value: string) => string>> = {
    crt: (value) => {
      if (!this.#certificates.includes(value)) this.#certificates.push(value);
      return '';
    },
    'ssl-min-ver': (value) => {
      const version = BY_NAME[value];
      if (version === undefined) return WHICH_VERSION;
      this.#least = version;
      return '';
    },
    'ssl-max-ver': (value) => {
      const version = BY_NAME[value];
      if (version === undefined) return WHICH_VERSION;
      this.#most = version;
      return '';
    },
    ciphers: (value) => {
      this.#ciphers = value;
      return '';
    },
    ciphersuites: (value) => {
      this.#ciphersuites = value;
      return '';
    },
    alpn: (value) =>
      value.split(',').every((one) => one === 'http/1.1' || one === 'http/1.0')
        ? ''
        : 'expected http/1.1; no other protocol is offered',
    verify: (value) => {
      // A word that is no answer must not open the port to everybody.
      this.#required = value !== 'none' && value !== 'optional';
      if (value === 'optional') return 'expected none or required; clients are not asked';
      return value === 'none' || value === 'required'
        ? ''
        : 'expected none or required; it is taken for required';
    },
    'ca-file': (value) => {
      this.#authorities = value;
      return '';
    },
  };

  read(label: BindTrouble['label'], text: string): void {
    const words = text.split(/\s+/).filter(Boolean);
    const unknown: string[] = [];
    for (let at = 0; at < words.length; at += 1) {
      const word = words[at] as string;
      const flag = Object.hasOwn(this.#flags, word) ? this.#flags[word] : undefined;
      const setting = Object.hasOwn(this.#settings, word) ? this.#settings[word] : undefined;
      const version = Object.hasOwn(SHUT_OUT, word) ? SHUT_OUT[word] : undefined;
      const forced = Object.hasOwn(FORCED, word) ? FORCED[word] : undefined;
      if (flag !== undefined) {
        flag();
      } else if (version !== undefined) {
        this.#shutOut.add(version);
      } else if (forced !== undefined) {
        this.#least = forced;
        this.#most = forced;
      } else if (setting !== undefined) {
        at += 1;
        this.#set(label, word, words[at], setting);
      } else {
        unknown.push(word);
      }
      if (setting !== undefined && word !== 'crt') this.#ofTls ||= word;
    }
    if (unknown.length > 0) {
      const message = 'expected words of HAProxy for TLS or accept-proxy; the others are ignored';
      this.#refused.push({ label, value: unknown.join(' '), verdict: 'ignored', message });
    }
  }

  wish(): BindWish {
    const asked = this.#ssl || this.#certificates.length > 0 || this.#required;
    const tls = asked ? this.#tls() : null;
    if (!asked && this.#ofTls !== '') {
      this.#tell(
        `expected a certificate by SSL_CERT or crt; the port speaks in plain`,
        this.#ofTls,
      );
    }
    return { tls, acceptProxy: this.#acceptProxy, refused: this.#refused };
  }

  #tls(): TlsSpec {
    const { minVersion, maxVersion } = this.#versions();
    if (this.#certificates.length === 0) {
      this.#tell('expected a certificate by SSL_CERT or crt; the port is not served');
    }
    if (this.#required && this.#authorities === '') {
      this.#tell('expected ca-file FILE with verify required; the port is not served', 'verify');
    }
    if (!this.#required && this.#authorities !== '') {
      this.#tell('expected verify required with ca-file; it has no effect without', 'ca-file');
    }
    return {
      certificates: this.#certificates,
      minVersion,
      maxVersion,
      ciphers: this.#ciphers,
      ciphersuites: this.#ciphersuites,
      clientCertificate: this.#required ? 'required' : 'unasked',
      authorities: this.#required ? this.#authorities : '',
    };
  }

  /** The newest versions in a row that are allowed: a hole cannot be asked of OpenSSL. */
  #versions() {
    const from = VERSIONS.indexOf(this.#least);
    const to = VERSIONS.indexOf(this.#most);
    const isAllowed = (place: number): boolean =>
      place >= from && place <= to && !this.#shutOut.has(VERSIONS[place] as TlsVersion);
    let last = VERSIONS.length - 1;
    while (last >= 0 && !isAllowed(last)) last -= 1;
    let first = last;
    while (first > 0 && isAllowed(first - 1)) first -= 1;
    const minVersion = VERSIONS[first];
    const maxVersion = VERSIONS[last];
    if (minVersion !== undefined && maxVersion !== undefined) return { minVersion, maxVersion };
    this.#tell('expected a version of TLS that is left; TLSv1.2 and TLSv1.3 are spoken');
    return { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' } as const;
  }

  #set(
    label: BindTrouble['label'],
    word: string,
    value: string | undefined,
    setting: (value: string) => string,
  ): void {
    const wrong = value === undefined ? 'expected a value after it; it is ignored' : setting(value);
    if (wrong === '') return;
    this.#refused.push({
      label,
      value: value === undefined ? word : `${word} ${value}`,
      verdict: 'wrong',
      message: wrong,
    });
  }

  #tell(message: string, value = ''): void {
    this.#refused.push({ label: 'BIND_OPTIONS', value, verdict: 'wrong', message });
  }
}
