// How a server goes up and down by its checks, as HAProxy counts: health runs from 0 to rise+fall-1 and
// the server is up from `rise` on. A new server starts up at `rise`, so that its first check decides at
// once: good makes it fully healthy, bad takes it down. Pure.

import type { CheckSpec } from '../catalogue/claim.ts';
import { type CheckStatus, type Outcome, verdictOf } from './outcome.ts';

/** A server in the eyes of its checks. */
export interface CheckState {
  readonly up: boolean;
  /** 0 … rise+fall-1. */
  readonly health: number;
  readonly rise: number;
  readonly fall: number;
  /** Of the last probe; INI before the first. */
  readonly status: CheckStatus;
  readonly code: number;
  readonly durationMs: number;
  readonly text: string;
  /** Wall clock of the last outcome; 0 = never probed. */
  readonly checkedAtMs: number;
  /** Wall clock of the last change between up and down, at first of the beginning. */
  readonly sinceMs: number;
  /** Bad checks while it was up. */
  readonly failures: number;
  /** Times it went down. */
  readonly downs: number;
  /** Time down altogether, without the present one. */
  readonly downtimeMs: number;
}

/** A server nobody has probed yet. */
export function newState({ rise, fall }: Pick<CheckSpec, 'rise' | 'fall'>, nowMs: number) {
  const state: CheckState = {
    up: true,
    health: rise,
    rise,
    fall,
    status: 'INI',
    code: 0,
    durationMs: 0,
    text: '',
    checkedAtMs: 0,
    sinceMs: nowMs,
    failures: 0,
    downs: 0,
    downtimeMs: 0,
  };
  return state;
}

export function afterOutcome(state: CheckState, outcome: Outcome, nowMs: number): CheckState {
  const health = nextHealth(state, outcome);
  const up = health >= state.rise;
  const changed = up !== state.up;
  const bad = verdictOf(outcome.status) === 'bad';
  return {
    ...state,
    ...outcome,
    up,
    health,
    checkedAtMs: nowMs,
    sinceMs: changed ? nowMs : state.sinceMs,
    failures: state.failures + (bad && state.up ? 1 : 0),
    downs: state.downs + (changed && !up ? 1 : 0),
    downtimeMs: state.downtimeMs + (changed && up ? Math.max(0, nowMs - state.sinceMs) : 0),
  };
}

function nextHealth({ health, rise, fall }: CheckState, { status }: Outcome): number {
  switch (verdictOf(status)) {
    case 'good':
      return health + 1 >= rise ? rise + fall - 1 : health + 1;
    case 'bad':
      return health > rise ? health - 1 : 0;
    default:
      return health;
  }
}
