// GET /_teal/services/NAME/drained?timeout=30: answers when nothing is in flight any more on the colours
// that are not live, or when the time is up. Bounded in waiters and time; the numbers are gathered once
// for all of them.

import type { ServerResponse } from 'node:http';
import { findColour, findService } from '../plan/find-service.ts';
import type { View } from '../stats/view.ts';
import type { Answer } from './answer.ts';
import type { FreshView } from './fresh-view.ts';

const PATH = /^\/_teal\/services\/([^/?]+)\/drained(?:\?(.*))?$/;
const MAX_WAITERS = 64;
const DEFAULT_SECONDS = 30;
const MAX_SECONDS = 600;
const STEP_MS = 250;
/** The server's own limit of silence is for other answers. */
const SILENCE_MARGIN_MS = 15_000;

export interface DrainQuestion {
  readonly service: string;
  /** Empty = all that are not live. */
  readonly colour: string;
  readonly timeoutMs: number;
}

interface Draining {
  readonly drained: boolean;
  readonly inFlight: number;
  /** Of each colour that has something in flight or was left: what was ended at its deadline. */
  readonly cut: readonly {
    readonly colour: string;
    readonly inFlight: number;
    readonly tunnels: number;
    readonly cut: number;
    readonly deadlineMs: number;
  }[];
}

/** Null = the path is another one. */
export function readDrainQuestion(url: string): DrainQuestion | { readonly fault: string } | null {
  const [, name, query = ''] = PATH.exec(url) ?? [];
  if (name === undefined) return null;
  const asked = new URLSearchParams(query);
  const text = asked.get('timeout') ?? String(DEFAULT_SECONDS);
  const seconds = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds <= MAX_SECONDS)) {
    return { fault: `timeout: expected whole seconds up to ${MAX_SECONDS}` };
  }
  try {
    const service = decodeURIComponent(name);
    return { service, colour: asked.get('colour') ?? '', timeoutMs: seconds * 1_000 };
  } catch {
    return { fault: 'expected the name of a service in percent-encoding' };
  }
}

export class DrainWaits {
  readonly #fresh: FreshView;
  readonly #waiting = new Set<() => void>();
  #isClosed = false;

  constructor(fresh: FreshView) {
    this.#fresh = fresh;
  }

  /** Never rejects. Ends early when the client goes. */
  async answer(
    question: DrainQuestion | { readonly fault: string },
    response: ServerResponse,
  ): Promise<Answer> {
    if ('fault' in question) return told(400, { error: question.fault });
    if (this.#waiting.size >= MAX_WAITERS) {
      return told(503, { error: `${MAX_WAITERS} wait already; try again` });
    }
    response.socket?.setTimeout(question.timeoutMs + SILENCE_MARGIN_MS);
    const end = Date.now() + question.timeoutMs;
    while (true) {
      const gathered = await this.#fresh.get();
      const isOver = this.#isClosed || response.destroyed || Date.now() >= end;
      if (gathered !== 'late' && 'view' in gathered) {
        const state = drainingOf(gathered.view, question);
        if ('fault' in state) return told(404, { error: state.fault });
        if (state.drained || isOver) return told(200, state);
      } else if (isOver) {
        return told(503, { error: 'the workers have not told their numbers in time; try again' });
      }
      await this.#step(response, Math.min(STEP_MS, end - Date.now()));
    }
  }

  /** Nobody waits any longer. */
  close(): void {
    this.#isClosed = true;
    for (const wake of this.#waiting) wake();
  }

  #step(response: ServerResponse, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        response.off('close', wake);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      response.on('close', wake);
      this.#waiting.add(wake);
    });
  }
}

function drainingOf(
  { plan, traffic }: View,
  question: DrainQuestion,
): Draining | { readonly fault: string } {
  const found = findService(plan, question.service);
  if ('fault' in found) return found;
  const { service } = found;
  const asked = question.colour;
  const only = asked === '' ? null : (findColour(service, asked)?.appId ?? asked);
  const isServing = (appId: string) =>
    appId === service.live || service.shares.some((share) => share.appId === appId);
  const pools = traffic.pools.filter(
    (pool) =>
      pool.service === service.key &&
      (only === null ? !isServing(pool.appId) : pool.appId === only),
  );
  const cut = pools
    .map(({ appId, backend, draining }) => ({
      colour: appId,
      inFlight: draining?.inFlight ?? backend.counters.inFlight,
      tunnels: draining?.tunnels ?? 0,
      cut: draining?.cut ?? 0,
      deadlineMs: draining?.deadlineMs ?? 0,
    }))
    .filter((one) => one.inFlight > 0 || one.cut > 0);
  const inFlight = cut.reduce((sum, one) => sum + one.inFlight, 0);
  return { drained: inFlight === 0, inFlight, cut };
}

function told(status: number, body: object): Answer {
  return {
    status,
    headers: { 'cache-control': 'no-store', 'content-type': 'application/json' },
    body: `${JSON.stringify(body)}\n`,
  };
}
