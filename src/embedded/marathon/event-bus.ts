// Marathon's events inside the process. Whoever publishes has changed the state first: clients read it at once.

import type { JsonObject } from './json.ts';
import { timestamp } from './version-clock.ts';

export interface MarathonEvent {
  readonly type: string;
  /** The event as one line of JSON. */
  readonly json: string;
}

export type EventListener = (event: MarathonEvent) => void;

export class EventBus {
  readonly #listeners = new Set<EventListener>();

  /** Adds `eventType` and `timestamp` and hands the event to everyone who listens now. */
  publish(type: string, fields: JsonObject): void {
    const json = JSON.stringify({ ...fields, eventType: type, timestamp: timestamp(Date.now()) });
    for (const listener of [...this.#listeners]) listener({ type, json });
  }

  /** Returns what ends the subscription. */
  subscribe(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
