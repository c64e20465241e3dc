// Since when each colour has servers that can be used, or none, and how often and how long it had none:
// what HAProxy tells of a backend as a whole.

import { listChanges } from '../catalogue/list-changes.ts';
import type { Plan, ServiceSpec } from '../plan/plan.ts';
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
  readonly #colours = new Map<string, Uptime>();
  #services: readonly ServiceSpec[] = [];

  /** `plan` is in force now. Colours that are not in it are forgotten; services that stayed are as they were. */
  take({ services }: Plan, nowMs: number): void {
    const { removed, added } = listChanges(this.#services, services);
    this.#services = services;
    const before = new Map<string, Uptime>();
    for (const { identity } of removed.flatMap(coloursOf)) {
      const uptime = this.#colours.get(identity);
      if (uptime !== undefined) before.set(identity, uptime);
      this.#colours.delete(identity);
    }
    for (const { identity, isUp } of added.flatMap(coloursOf)) {
      this.#colours.set(identity, changed(before.get(identity), isUp, nowMs));
    }
  }

  /** Null = it is in no plan. */
  of(service: string, appId: string): Uptime | null {
    return this.#colours.get(keyOf(service, appId)) ?? null;
  }
}

function coloursOf({ key, colours }: ServiceSpec) {
  return colours.map(({ appId, servers }) => ({
    identity: keyOf(key, appId),
    isUp: servers.some(isServing),
  }));
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
