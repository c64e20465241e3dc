// SSL_CERT and BIND_OPTIONS → how a service's listener speaks. Marathon-LB pastes both into HAProxy's
// `bind` line; what is understood here are its words for TLS and the PROXY protocol. What would leave
// a port less guarded than it was asked to be is told as such: it is not served. Pure.

import type { TlsSpec } from './claim.ts';
import { TlsVersions } from './tls-versions.ts';

export interface BindWish {
  /** Null = in plain. Without certificates its port is not to be served; without required authorities nothing is. */
  readonly tls: TlsSpec | null;
  /** Asked for without a certificate, which the port speaks in plain without; absent = nothing was. */
  readonly hostTls?: TlsSpec;
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

type Wrong = Pick<BindTrouble, 'verdict' | 'message'>;

const wrong = (message: string): Wrong => ({ verdict: 'wrong', message });
const ignored = (message: string): Wrong => ({ verdict: 'ignored', message });

/** Reads the labels of one port; empty = not given. */
export function readBind(certificate: string, options: string): BindWish {
  const reader = new BindReader();
  if (certificate.trim() !== '') reader.read('SSL_CERT', `crt ${certificate}`);
  reader.read('BIND_OPTIONS', options);
  return reader.wish();
}

type Identities = Pick<TlsSpec, 'certificates' | 'clientCertificate' | 'authorities'>;

/** There is nobody that it lets in, by whatever certificate. */
const NOBODY: Identities = { certificates: [], clientCertificate: 'required', authorities: '' };

const WHICH_VERSION = wrong('expected TLSv1.0, TLSv1.1, TLSv1.2 or TLSv1.3; it is ignored');

class BindReader {
  readonly #refused: BindTrouble[] = [];
  readonly #certificates: string[] = [];
  #acceptProxy = false;
  #ssl = false;
  readonly #versions = new TlsVersions();
  #ciphers = '';
  #ciphersuites = '';
  #required = false;
  /** Something would guard the port that nobody here can do. */
  #isBeyondUs = false;
  #authorities = '';
  /** A word was there that means nothing without TLS. */
  #isOfTls = false;
  /** The first of them that has to be told of. */
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

  /** Those that a value follows. Each returns what is wrong with it; null = nothing. */
  readonly #settings: Readonly<Record<string, (value: string) => Wrong | null>> = {
    crt: (value) => {
      if (!this.#certificates.includes(value)) this.#certificates.push(value);
      return null;
    },
    'ssl-min-ver': (value) => (this.#versions.from(value) ? null : WHICH_VERSION),
    'ssl-max-ver': (value) => (this.#versions.upTo(value) ? null : WHICH_VERSION),
    ciphers: (value) => {
      this.#ciphers = value;
      return null;
    },
    ciphersuites: (value) => {
      this.#ciphersuites = value;
      return null;
    },
    alpn: (value) =>
      value.split(',').every((one) => one === 'http/1.1' || one === 'http/1.0')
        ? null
        : ignored('expected http/1.1; no other protocol is offered'),
    verify: (value) => {
      // A word that is no answer must not open the port to everybody.
      this.#required = value !== 'none' && value !== 'optional';
      if (value === 'optional') return ignored('expected none or required; clients are not asked');
      return value === 'none' || value === 'required'
        ? null
        : wrong('expected none or required; it is taken for required');
    },
    'ca-file': (value) => {
      this.#authorities = value;
      return null;
    },
    'crl-file': () => {
      this.#isBeyondUs = true;
      return wrong(
        'expected no list of revoked certificates, none is read; the port is not served',
      );
    },
  };

  read(label: BindTrouble['label'], text: string): void {
    const words = text.split(/\s+/).filter(Boolean);
    const unknown: string[] = [];
    for (let at = 0; at < words.length; at += 1) {
      const word = words[at] as string;
      const flag = Object.hasOwn(this.#flags, word) ? this.#flags[word] : undefined;
      const setting = Object.hasOwn(this.#settings, word) ? this.#settings[word] : undefined;
      if (flag !== undefined) {
        flag();
      } else if (this.#versions.understands(word)) {
        this.#versions.take(word);
        this.#isOfTls = true;
      } else if (setting !== undefined) {
        at += 1;
        this.#set(label, word, words[at], setting);
      } else {
        unknown.push(word);
      }
      if (setting === undefined || word === 'crt') continue;
      this.#isOfTls = true;
      this.#ofTls ||= word;
    }
    if (unknown.length > 0) {
      const message = 'expected words of HAProxy for TLS or accept-proxy; the others are ignored';
      this.#refused.push({ label, value: unknown.join(' '), verdict: 'ignored', message });
    }
  }

  wish(): BindWish {
    const asked = this.#ssl || this.#certificates.length > 0 || this.#required;
    const wish = { acceptProxy: this.#acceptProxy, refused: this.#refused };
    if (asked) return { ...wish, tls: this.#tls() };
    if (!this.#isOfTls) return { ...wish, tls: null };
    if (this.#ofTls !== '') {
      this.#tell(
        'expected a certificate by SSL_CERT or crt; the port speaks in plain',
        this.#ofTls,
      );
    }
    return { ...wish, tls: null, hostTls: this.#spec() };
  }

  #tls(): TlsSpec {
    if (this.#certificates.length === 0) {
      this.#tell('expected a certificate by SSL_CERT or crt; the port is not served');
    }
    if (this.#required && this.#authorities === '') {
      this.#tell('expected ca-file FILE with verify required; the port is not served', 'verify');
    }
    if (!this.#required && this.#authorities !== '') {
      this.#tell('expected verify required with ca-file; it has no effect without', 'ca-file');
    }
    return this.#spec();
  }

  #spec(): TlsSpec {
    const { minVersion, maxVersion, isNone } = this.#versions.range();
    if (isNone) {
      this.#tell('expected a version of TLS that is left; TLSv1.2 and TLSv1.3 are spoken');
    }
    return {
      minVersion,
      maxVersion,
      ciphers: this.#ciphers,
      ciphersuites: this.#ciphersuites,
      ...(this.#isBeyondUs ? NOBODY : this.#identities()),
    };
  }

  #identities(): Identities {
    return {
      certificates: this.#certificates,
      clientCertificate: this.#required ? 'required' : 'unasked',
      authorities: this.#required ? this.#authorities : '',
    };
  }

  #set(
    label: BindTrouble['label'],
    word: string,
    value: string | undefined,
    setting: (value: string) => Wrong | null,
  ): void {
    const is =
      value === undefined ? wrong('expected a value after it; it is ignored') : setting(value);
    if (is === null) return;
    this.#refused.push({
      label,
      value: value === undefined ? word : `${word} ${value}`,
      ...is,
    });
  }

  #tell(message: string, value = ''): void {
    this.#refused.push({ label: 'BIND_OPTIONS', value, verdict: 'wrong', message });
  }
}
