// Stick tables as far as they limit rates: what is stored, by which key requests are counted, and which
// rules refuse who is over it.

import type { Fetch, RequestAction } from '../policy.ts';
import { readDuration } from './durations.ts';
import { readSample, splitCall } from './fetches.ts';
import { ALWAYS, both, isRate, type Logic, type RateTest, type Term } from './logic.ts';
import { placeholderIn } from './placeholders.ts';
import { refuse } from './refusal.ts';

type Limit = Extract<RequestAction, { readonly do: 'limit' }>;

const STORED: Readonly<Record<string, RateTest['rate']>> = {
  http_req_rate: 'requests',
  http_err_rate: 'errors',
  conn_rate: 'connections',
  sess_rate: 'connections',
  conn_cur: 'open-connections',
};
const TYPES = ['ip', 'ipv6', 'string', 'integer', 'binary'];
const CLIENT: Fetch = { from: 'client-address', name: '', converters: [] };

interface Tracked {
  readonly key: Fetch;
  readonly when: Logic;
}

/** The tables and counters of one port's templates. */
export class Rates {
  readonly #periods = new Map<RateTest['rate'], number>();
  readonly #tracked = new Map<number, Tracked>();

  /** Reads the words behind `stick-table`. */
  declareTable(words: readonly string[]): void {
    const store = words.indexOf('store');
    if (!TYPES.includes(words[words.indexOf('type') + 1] ?? '')) {
      refuse('expected type ip or string');
    }
    if (store === -1) refuse('expected store and what is counted; a table without has no effect');
    for (const piece of words
      .slice(store + 1)
      .join('')
      .split(',')) {
      const { name, argument } = splitCall(piece);
      const rate = Object.hasOwn(STORED, name) ? STORED[name] : undefined;
      if (rate === undefined) {
        refuse(`expected http_req_rate, http_err_rate, conn_rate or conn_cur in place of ${name}`);
      }
      this.#periods.set(rate, rate === 'open-connections' ? 0 : readDuration(argument));
    }
  }

  /** Reads `track-sc0 src [table …]`; `when` is its condition. */
  track(words: readonly string[], when: Logic): void {
    const [what = '', key = '', table, name] = words;
    const digit = /^track-sc([0-9])$/.exec(what)?.[1] ?? refuse('expected track-sc0 to track-sc9');
    if (table !== undefined && (table !== 'table' || placeholderIn(name ?? '') !== 'backend')) {
      refuse('expected the table of the backend itself, Teal has no others');
    }
    this.#tracked.set(Number(digit), { key: readSample(key).fetch, when });
  }

  /** What refuses one alternative of a condition; null if no rate is in it. */
  limit(
    tests: readonly Term[],
    status: number,
  ): { readonly action: RequestAction; readonly when: Logic } | null {
    const [rate, ...more] = tests.filter(isRate);
    if (rate === undefined) return null;
    if (more.length > 0) refuse('expected one rate in a condition');
    const periodMs = this.#periods.get(rate.rate);
    if (periodMs === undefined) refuse('expected a stick-table that stores what is compared');
    const client: Tracked = { key: CLIENT, when: ALWAYS };
    const tracked = rate.counter === -1 ? client : this.#tracked.get(rate.counter);
    if (tracked === undefined) refuse(`expected track-sc${rate.counter} before it`);
    const when = both(tracked.when, [tests.filter((term) => !isRate(term))]);
    // The request that is looked at counts: over none is every one.
    if (rate.most === 0) return { action: { do: 'deny', status }, when };
    const action: Limit = {
      do: 'limit',
      counts: rate.rate,
      key: tracked.key,
      most: rate.most,
      periodMs,
      status,
    };
    return { action, when };
  }
}
