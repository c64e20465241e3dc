// A server that answers a request when the test says so: what is in flight stays in flight.

import { OK, Origin, type OriginRequest } from '../support/origin.ts';
import type { HasPort } from './plans.ts';

export class HeldOrigin implements HasPort {
  /** Requests in the order they came, answered or not. */
  readonly targets: string[] = [];
  readonly requests: OriginRequest[] = [];
  readonly #held: (() => void)[] = [];
  readonly #origin: Origin;

  private constructor(origin: Origin) {
    this.#origin = origin;
  }

  static async start(): Promise<HeldOrigin> {
    const made: HeldOrigin[] = [];
    const origin: Origin = await Origin.scripted(async (connection) => {
      for (;;) {
        const request = await connection.request();
        const [held] = made;
        if (request === null || held === undefined) {
          connection.end();
          return;
        }
        held.targets.push(request.target);
        held.requests.push(request);
        await new Promise<void>((resolve) => held.#held.push(resolve));
        void connection.write(OK);
      }
    });
    const held = new HeldOrigin(origin);
    made.push(held);
    return held;
  }

  get port(): number {
    return this.#origin.port;
  }

  /** Requests that wait for their answer. */
  get inFlight(): number {
    return this.#held.length;
  }

  /** Answers the request that has waited longest. */
  answer(): void {
    this.#held.shift()?.();
  }

  close(): Promise<void> {
    return this.#origin.close();
  }
}
