// Connections of a listener that never became a client's, as the access log tells them: in HAProxy's
// words. Nothing is kept while no log is in use.

import type { Counters } from '../stats/counters.ts';
import { AccessEntry, NOTHING_SENT } from './access-entry.ts';
import type { AccessLog } from './access-log.ts';
import { type Entrance, frontendNameOf, poolAt } from './entrance.ts';
import { plainAddress } from './forwarded.ts';
import type { ProxyAddresses } from './proxy-protocol/header.ts';
import type { Runtime } from './runtime.ts';
import { NO_PLACE } from './turnstile.ts';

/** Of what our code for it is; empty = not worth a line, as with `option dontlognull`. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['ECONNRESET', ''],
  ['it ended before its PROXY protocol header', ''],
  ['ERR_TLS_HANDSHAKE_TIMEOUT', 'Timeout during SSL handshake'],
  ['no PROXY protocol header in time', 'Timeout while waiting for PROXY protocol header'],
  [
    'no PROXY protocol header',
    'Received something which does not look like a PROXY protocol header',
  ],
]);

/** OpenSSL's names for what is wrong with a certificate; other codes of Node begin with `ERR_`. */
const CERTIFICATE_FAULT = /^(?!E)[A-Z_]+$/;

interface Comer {
  readonly ends: ProxyAddresses | null;
  readonly cameAtMs: number;
}

export class RefusalLog {
  readonly #runtime: Runtime;
  readonly #log: AccessLog;
  readonly #entrance: Entrance;
  /** By the stage that a connection is in. */
  readonly #comers = new WeakMap<object, Comer>();

  constructor(runtime: Runtime, entrance: Entrance) {
    this.#runtime = runtime;
    this.#log = runtime.accessLog;
    this.#entrance = entrance;
  }

  /** It has to be known who comes: once a connection is refused it is gone. */
  get isInUse(): boolean {
    return this.#log.isInUse;
  }

  /** A stage of a connection begins; `ends` null = not known. */
  began(stage: object, ends: ProxyAddresses | null): void {
    if (this.isInUse) this.#comers.set(stage, { ends, cameAtMs: Date.now() });
  }

  /** The connection failed in this stage. */
  failed(stage: object, fault: string, kind: 'PROXY' | 'TLS'): void {
    const comer = this.#comers.get(stage);
    if (comer === undefined) return;
    const words = WORDS.get(fault) ?? wordsOf(fault, kind);
    if (words !== '') this.#write(comer, words);
  }

  /** There was no place for it; `isTold`: it got an answer, and a line as for a request. */
  crowdedOut(ends: ProxyAddresses | null, frontend: Counters, isTold: boolean): void {
    if (!this.isInUse) return;
    if (!isTold) {
      this.#write({ ends, cameAtMs: Date.now() }, 'Too many connections');
      return;
    }
    const { table } = this.#runtime;
    const visit = {
      frontend,
      frontendName: frontendNameOf(table, this.#entrance),
      accessWish: poolAt(table, this.#entrance)?.accessLog ?? null,
      address: plainAddress(ends?.source ?? ''),
      clientPort: ends?.sourcePort ?? 0,
      isEncrypted: false,
      headReadMs: 0,
    };
    const entry = new AccessEntry(this.#runtime, visit, null, NOTHING_SENT);
    entry.begin(null);
    entry.status = 503;
    // A resource of the proxy was exhausted.
    entry.letters = 'RR';
    entry.bytesOut = NO_PLACE.length;
    entry.end();
  }

  #write({ ends, cameAtMs }: Comer, fault: string): void {
    const { table } = this.#runtime;
    if (!this.#log.wants(poolAt(table, this.#entrance)?.accessLog ?? null, true)) return;
    this.#log.refused({
      startedAtMs: cameAtMs,
      clientAddress: plainAddress(ends?.source ?? ''),
      clientPort: ends?.sourcePort ?? 0,
      frontend: frontendNameOf(table, this.#entrance),
      fault,
    });
  }
}

function wordsOf(fault: string, kind: 'PROXY' | 'TLS'): string {
  if (kind === 'PROXY') return 'Received an invalid PROXY protocol header';
  if (CERTIFICATE_FAULT.test(fault)) return 'SSL client certificate not trusted';
  return 'SSL handshake failure';
}
