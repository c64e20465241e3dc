// Since when each colour has servers that can be used, or none, and how often and how long it had none:
// what HAProxy tells of a backend as a whole.

import type { Plan } from '../plan/plan.ts';
import { isServing } from './serving.ts';

export interface Uptime {
  readonly isUp: boolean;
  /** When it went up or down, or was seen first; ms since 1970. */
  readonly sinceMs: number;
  /** Times it went down. */
  readonly downs: number;
  /** Without the present one. */
  readonly downtimeMs: number;
}

export class Uptimes {
  #colours: ReadonlyMap<string, Uptime> = new Map();

  /** `plan` is in force now. Colours that are not in it are forgotten. */
  take({ services }: Plan, nowMs: number): void {
    const colours = new Map<string, Uptime>();
    for (const { key, colours: all } of services) {
      for (const { appId, servers } of all) {
        const identity = keyOf(key, appId);
        const isUp = servers.some(isServing);
        colours.set(identity, changed(this.#colours.get(identity), isUp, nowMs));
      }
    }
    this.#colours = colours;
  }

  /** Null = it is in no plan. */
  of(service: string, appId: string): Uptime | null {
    return this.#colours.get(keyOf(service, appId)) ?? null;
  }
}

function changed(before: Uptime | undefined, isUp: boolean, nowMs: number): Uptime {
  if (before === undefined) return { isUp, sinceMs: nowMs, downs: 0, downtimeMs: 0 };
  if (before.isUp === isUp) return before;
  const { sinceMs, downs, downtimeMs } = before;
  return isUp
    ? { isUp, sinceMs: nowMs, downs, downtimeMs: downtimeMs + Math.max(0, nowMs - sinceMs) }
    : { isUp, sinceMs: nowMs, downs: downs + 1, downtimeMs };
}

function keyOf(service: string, appId: string): string {
  return `${service}\n${appId}`;
}
