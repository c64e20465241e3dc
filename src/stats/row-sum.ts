// One row summed over workers. Its counters never go backwards: what a worker had counted stays in the
// sum when the worker ends, forgets the row or starts it anew. Gauges follow only those who report now.

import { COUNTER_FIELDS, type CounterRow, type Counters, fromRow, mergingOf } from './counters.ts';
import { slidden } from './sliding-average.ts';

/** A row over all workers. Rates are per second. */
export interface MergedRow {
  readonly counters: Counters;
  /** Sessions in the last whole second. */
  readonly sessionRate: number;
  readonly sessionRateMax: number;
  /** HTTP requests in the last whole second. */
  readonly requestRate: number;
  readonly requestRateMax: number;
  /** Over the last 1,024 that are over (`timed`), in ms. */
  readonly averages: Averages;
}

export interface Averages {
  readonly queueMs: number;
  readonly connectMs: number;
  readonly responseMs: number;
  readonly totalMs: number;
}

export const NO_AVERAGES: Averages = Object.freeze({
  queueMs: 0,
  connectMs: 0,
  responseMs: 0,
  totalMs: 0,
});

/** Places of the gauges, each with that of its maximum. */
const GAUGES = (['inFlight', 'queued'] as const).map((field) => ({
  place: COUNTER_FIELDS.indexOf(field),
  maximum: COUNTER_FIELDS.indexOf(`${field}Max`),
}));
const IS_GAUGE = COUNTER_FIELDS.map((_, place) => GAUGES.some((gauge) => gauge.place === place));
const SESSIONS = COUNTER_FIELDS.indexOf('sessions');
const REQUESTS = COUNTER_FIELDS.indexOf('requests');
const TIMED = COUNTER_FIELDS.indexOf('timed');
/** Of the sums that averages are made of. */
const TIMES = (['queueMs', 'connectMs', 'responseMs', 'totalMs'] as const).map((name) => ({
  name,
  place: COUNTER_FIELDS.indexOf(name),
}));
const IS_MAXIMUM = COUNTER_FIELDS.map((field) => mergingOf(field) === 'maximum');

/** Rows in which nothing was ever counted share these: they are most of a large cluster. */
const NO_TIMES: readonly number[] = Object.freeze(TIMES.map(() => 0));
const NOTHING: MergedRow = Object.freeze({
  counters: fromRow([]),
  sessionRate: 0,
  sessionRateMax: 0,
  requestRate: 0,
  requestRateMax: 0,
  averages: NO_AVERAGES,
});

/** Ticks a row is remembered that nobody reports: a colour or task that comes back goes on counting. */
const REMEMBERED_TICKS = 600;

export class RowSum {
  /** Null until something was counted. */
  #sum: number[] | null = null;
  /** What is in the sum of each worker that reports the row now. */
  readonly #rows = new Map<number, CounterRow>();
  #unreportedTicks = 0;
  #sessionsBefore = 0;
  #requestsBefore = 0;
  #sessionRate = 0;
  #sessionRateMax = 0;
  #requestRate = 0;
  #requestRateMax = 0;
  /** Of TIMED and of each of TIMES when the averages were made. */
  #timedBefore = 0;
  #timesBefore = NO_TIMES;
  #averages = NO_AVERAGES;

  /** True while some worker reports the row. */
  get reported(): boolean {
    return this.#rows.size > 0;
  }

  get reporters(): readonly number[] {
    return [...this.#rows.keys()];
  }

  /** How often it aged since a worker reported it last; 0 while one does. */
  get unreportedTicks(): number {
    return this.#unreportedTicks;
  }

  /** True once nobody has reported it for ten minutes. */
  get isForgotten(): boolean {
    return this.#unreportedTicks > REMEMBERED_TICKS;
  }

  /** Counts a tick on which nobody reported it. */
  age(): void {
    if (!this.reported) this.#unreportedTicks += 1;
  }

  /** Takes a worker's row in place of its earlier one. */
  put(worker: number, row: CounterRow): void {
    const before = this.#rows.get(worker);
    this.#rows.set(worker, row);
    this.#unreportedTicks = 0;
    if (row.length === 0 && (before === undefined || before.length === 0)) return;
    // A worker that forgot the row and made it anew counts from 0 again: all of it is new.
    const anew = before === undefined || hasFallen(before, row);
    for (let place = 0; place < COUNTER_FIELDS.length; place += 1) {
      const now = row[place] ?? 0;
      const then = before?.[place] ?? 0;
      if (now === then && !anew) continue;
      const sum = this.#at(place);
      if (IS_MAXIMUM[place]) this.#set(place, Math.max(sum, now));
      else this.#set(place, sum + (anew && !IS_GAUGE[place] ? now : now - then));
    }
  }

  /** A worker does not report the row any more. */
  drop(worker: number): void {
    const before = this.#rows.get(worker);
    if (before === undefined) return;
    this.#rows.delete(worker);
    for (const { place } of GAUGES) this.#set(place, this.#at(place) - (before[place] ?? 0));
  }

  /** Takes the rates of the last `seconds`; null = there was no tick before, rates stay as they are. */
  tick(seconds: number | null): void {
    if (this.#sum === null) return;
    this.#seePeak();
    this.#slide();
    const sessions = this.#at(SESSIONS);
    const requests = this.#at(REQUESTS);
    if (seconds !== null) {
      this.#sessionRate = Math.round((sessions - this.#sessionsBefore) / seconds);
      this.#requestRate = Math.round((requests - this.#requestsBefore) / seconds);
      this.#sessionRateMax = Math.max(this.#sessionRateMax, this.#sessionRate);
      this.#requestRateMax = Math.max(this.#requestRateMax, this.#requestRate);
    }
    this.#sessionsBefore = sessions;
    this.#requestsBefore = requests;
  }

  merged(): MergedRow {
    if (this.#sum === null) return NOTHING;
    this.#seePeak();
    this.#slide();
    return {
      counters: fromRow(this.#sum),
      sessionRate: this.#sessionRate,
      sessionRateMax: this.#sessionRateMax,
      requestRate: this.#requestRate,
      requestRateMax: this.#requestRateMax,
      averages: this.#averages,
    };
  }

  /**
   * A gauge's maximum is the highest sum seen whenever all workers' numbers were together, and at least
   * what any single worker saw. It is never more than was really there at once (adding the workers'
   * own maxima would be); a peak between two looks that is spread over workers may be missed.
   */
  #seePeak(): void {
    for (const { place, maximum } of GAUGES) {
      this.#set(maximum, Math.max(this.#at(maximum), this.#at(place)));
    }
  }

  #slide(): void {
    const timed = this.#at(TIMED);
    const added = timed - this.#timedBefore;
    if (added <= 0) return;
    const times = TIMES.map(({ place }) => this.#at(place));
    const averages = { ...NO_AVERAGES };
    TIMES.forEach(({ name }, i) => {
      const mean = ((times[i] as number) - (this.#timesBefore[i] as number)) / added;
      averages[name] = slidden(this.#averages[name], this.#timedBefore, added, mean);
    });
    this.#averages = averages;
    this.#timedBefore = timed;
    this.#timesBefore = times;
  }

  #set(place: number, value: number): void {
    if (value === this.#at(place)) return;
    this.#sum ??= COUNTER_FIELDS.map(() => 0);
    this.#sum[place] = value;
  }

  #at(place: number): number {
    return this.#sum?.[place] ?? 0;
  }
}

function hasFallen(before: CounterRow, row: CounterRow): boolean {
  return before.some(
    (value, place) => !IS_GAUGE[place] && !IS_MAXIMUM[place] && (row[place] ?? 0) < value,
  );
}
