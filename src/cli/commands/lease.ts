// A lease on a service on all balancers for as long as a command works: nobody else orders meanwhile, and
// no balancer changes colours by itself. It is short and renewed, so that a killed command blocks nobody.

import { type AdminClient, type Done, isDone } from './admin-client.ts';
import type { Failed } from './fleet-order.ts';

/** Renewed well before its end. */
const LEASE_SECONDS = 5;
const RENEW_AFTER_MS = 1_500;
/** What a killed command leaves behind lasts no longer: balancers prolong a lease to this by a prepare. */
export const LONGEST_LEASE_MS = 30_000;

export interface Situation {
  readonly service: string;
  /** App id; null = nothing is live. The same on all balancers. */
  readonly live: string | null;
  /** App id that was live before; null = none is known, or not the same everywhere. */
  readonly previous: string | null;
}

export class FleetLease {
  readonly ids = new Map<string, string>();
  readonly #client: AdminClient;
  readonly #instances: readonly string[];
  readonly #order: { readonly service: string; readonly by: string; readonly why: string };
  #renewedTick = 0;

  constructor(
    client: AdminClient,
    instances: readonly string[],
    order: { readonly service: string; readonly by: string; readonly why: string },
  ) {
    this.#client = client;
    this.#instances = instances;
    this.#order = order;
  }

  /** Takes or prolongs it everywhere, and says what is live. Never rejects. */
  async take(): Promise<Situation | Failed> {
    const answers = await Promise.all(
      this.#instances.map(async (instance) => {
        const answer = await this.#client.order(instance, {
          ...this.#order,
          order: 'lease',
          seconds: LEASE_SECONDS,
          lease: this.ids.get(instance) ?? '',
        });
        if (isDone(answer)) this.ids.set(instance, answer.lease);
        return { instance, answer };
      }),
    );
    const failures = answers.flatMap(({ answer }) => (isDone(answer) ? [] : [answer]));
    const first = failures.find(({ kind }) => kind === 'silent') ?? failures[0];
    if (first !== undefined) {
      return { kind: first.kind, code: first.code, errors: failures.map(({ error }) => error) };
    }
    this.#renewedTick = performance.now();
    const done = answers.flatMap(({ answer }) => (isDone(answer) ? [answer] : []));
    const lives = new Set(done.map(({ live }) => live));
    if (lives.size > 1) {
      const said = answers.map(
        ({ instance, answer }) => `${instance}: ${(answer as Done).live ?? 'nothing'} is live`,
      );
      return {
        kind: 'refused',
        code: 'disagree',
        errors: [...said, 'the balancers disagree; cut over to one colour on all of them first'],
      };
    }
    const previous = new Set(done.map((one) => one.previous));
    return {
      service: done[0]?.service ?? '',
      live: done[0]?.live ?? null,
      previous: previous.size === 1 ? (done[0]?.previous ?? null) : null,
    };
  }

  /** Prolongs it when it is time; what cannot be prolonged shows with the next order. */
  async keep(): Promise<void> {
    if (performance.now() - this.#renewedTick >= RENEW_AFTER_MS) await this.take();
  }

  async end(): Promise<void> {
    await Promise.all(
      [...this.ids].map(([instance, lease]) =>
        this.#client.order(instance, { ...this.#order, order: 'unlease', lease }),
      ),
    );
    this.ids.clear();
  }
}
