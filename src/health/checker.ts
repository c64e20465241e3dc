// Probes every server that Marathon lets serve and that has a check, from the primary only. What is
// known of a server outlives every change of the plan that leaves its task, address and check alone.

import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '../log/logger.ts';
import { DESCRIPTIONS, type Outcome } from './outcome.ts';
import { probe } from './probe.ts';
import { afterOutcome, type CheckState, newState } from './rise-fall.ts';
import { Schedule, type Scheduled } from './schedule.ts';
import type { CheckTarget, TargetChange } from './targets.ts';
import { firstDelayMs, fractionOf, nextDelayMs, type Pace } from './timing.ts';

const MAX_CONCURRENT = 256;
/** setTimeout's longest. */
const MAX_TIMER_MS = 2_147_483_647;

export interface CheckerOptions {
  /** Sets this balancer's probes apart from those of others that watch the same servers. */
  readonly seed: string;
  /** Probes under way at once; absent = 256. */
  readonly maxConcurrent?: number;
}

class Watched implements Scheduled {
  dueTick = 0;
  place = -1;
  readonly target: CheckTarget;
  readonly fraction: number;
  state: CheckState;
  /** Traffic says that it cannot be reached: probed fast until a probe says yes or no. */
  suspected = false;
  running: AbortController | null = null;

  constructor(target: CheckTarget, seed: string) {
    this.target = target;
    this.fraction = fractionOf(`${seed} ${target.key}`);
    this.state = newState(target.spec, Date.now());
  }

  get pace(): Pace {
    if (!this.state.up) return this.state.health > 0 ? 'rising' : 'down';
    return this.suspected ? 'suspect' : 'steady';
  }
}

export class HealthChecker {
  readonly #options: CheckerOptions;
  readonly #log: Logger;
  readonly #onChange: () => void;
  readonly #watched = new Map<string, Watched>();
  readonly #schedule = new Schedule<Watched>();
  readonly #underWay = new Set<Promise<void>>();
  /** Keys of those that are down. */
  readonly #failing = new Set<string>();
  #states: ReadonlyMap<string, CheckState> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  /** `onChange` is called whenever a server went up or down. */
  constructor(options: CheckerOptions, log: Logger, onChange: () => void) {
    this.#options = options;
    this.#log = log;
    this.#onChange = onChange;
  }

  /** By `checkKey`, of every server that is watched now. The map never changes; ask again for news. */
  get states(): ReadonlyMap<string, CheckState> {
    this.#states ??= new Map([...this.#watched].map(([key, { state }]) => [key, state]));
    return this.#states;
  }

  /** Keys of the watched servers that are down now. */
  get failing(): ReadonlySet<string> {
    return this.#failing;
  }

  /** Probes under way now. */
  get inFlight(): number {
    return this.#underWay.size;
  }

  /** Watches these servers too from now on, as their targets say now, and some no longer. */
  change({ present, gone }: TargetChange): void {
    if (this.#stopped) return;
    for (const key of gone) {
      const known = this.#watched.get(key);
      if (known !== undefined) this.#drop(known);
    }
    const fresh: Watched[] = [];
    for (const target of present) {
      const known = this.#watched.get(target.key);
      if (known !== undefined && isSame(known.target, target)) continue;
      if (known !== undefined) this.#drop(known);
      const watched = new Watched(target, this.#options.seed);
      this.#watched.set(target.key, watched);
      fresh.push(watched);
    }
    if (fresh.length === 0 && gone.length === 0) return;
    this.#states = null;
    const now = performance.now();
    for (const one of fresh) {
      const { intervalMs } = one.target.spec;
      this.#schedule.put(one, now + firstDelayMs(one.fraction, fresh.length, intervalMs));
    }
    this.#pump();
  }

  /**
   * Probes a server out of turn and fast until it has answered or is down, because traffic could not
   * reach it. Traffic alone takes nobody down. One that is down or not watched is left alone.
   */
  suspect(key: string): void {
    const watched = this.#watched.get(key);
    if (watched === undefined || this.#stopped || watched.suspected || !watched.state.up) return;
    watched.suspected = true;
    if (watched.running !== null) return;
    this.#schedule.put(watched, performance.now());
    this.#pump();
  }

  /** Ends every probe; resolves when nothing is left. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const watched of [...this.#watched.values()]) this.#drop(watched);
    this.#states = null;
    await Promise.all(this.#underWay);
  }

  #drop(watched: Watched): void {
    this.#watched.delete(watched.target.key);
    this.#failing.delete(watched.target.key);
    this.#schedule.remove(watched);
    watched.running?.abort();
  }

  /** Starts what is due and sets the timer for what comes next. */
  #pump(): void {
    const most = this.#options.maxConcurrent ?? MAX_CONCURRENT;
    const now = performance.now();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (;;) {
      const next = this.#schedule.first;
      // At the limit the end of a probe comes here again.
      if (next === undefined || this.#underWay.size >= most) return;
      if (next.dueTick > now) {
        // A timer may fire a little early: it then comes here once more.
        const waitMs = Math.min(Math.ceil(next.dueTick - now), MAX_TIMER_MS);
        this.#timer = setTimeout(() => this.#pump(), waitMs).unref();
        return;
      }
      this.#schedule.remove(next);
      const running = this.#run(next, now).finally(() => {
        this.#underWay.delete(running);
        if (!this.#stopped) this.#pump();
      });
      this.#underWay.add(running);
    }
  }

  async #run(watched: Watched, startTick: number): Promise<void> {
    const { target } = watched;
    const running = new AbortController();
    watched.running = running;
    const outcome = await probe(target.address, target.spec, running.signal);
    watched.running = null;
    if (running.signal.aborted) return;
    this.#take(watched, outcome);
    const fraction = fractionOf(`${watched.fraction} ${startTick}`);
    const dueTick = startTick + nextDelayMs(target.spec, watched.pace, fraction);
    this.#schedule.put(watched, Math.max(dueTick, performance.now()));
  }

  #take(watched: Watched, outcome: Outcome): void {
    const before = watched.state;
    const state = afterOutcome(before, outcome, Date.now());
    watched.state = state;
    this.#states = null;
    if (state.up !== before.up || state.health === state.rise + state.fall - 1) {
      watched.suspected = false;
    }
    if (state.up === before.up) return;
    if (state.up) this.#failing.delete(watched.target.key);
    else this.#failing.add(watched.target.key);
    this.#report(watched.target, state);
    this.#onChange();
  }

  #report({ key }: CheckTarget, { up, status, code, text, durationMs }: CheckState): void {
    const fields = { server: key, status, code, text, durationMs };
    if (up) {
      this.#log.info(fields, `${key} is up again: it passes its health check`);
    } else {
      const detail = text === '' ? '' : `, ${text}`;
      this.#log.warn(
        fields,
        `${key} is down by Teal's own check: ${DESCRIPTIONS[status]}${detail}`,
      );
    }
  }
}

function isSame(a: CheckTarget, b: CheckTarget): boolean {
  return a.address === b.address && isDeepStrictEqual(a.spec, b.spec);
}
