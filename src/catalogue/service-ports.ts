// Service ports for apps whose tasks have addresses of their own and whose Marathon gives them none
// (`--min-serv-port-ip-per-task`): by Marathon-LB's hash, in the order of app ids, so that every
// instance gives the same ones. Pure.

import { hash } from 'node:crypto';
import type { MarathonApp } from '../marathon/app.ts';
import type { PortRange } from './catalogue-options.ts';

/** Places tried by hash before the first free one is taken. */
const MAX_CLASHES = 50;

/** Ports given out in one look at Marathon; none is given twice. */
export class ServicePorts {
  readonly #range: PortRange;
  readonly #taken = new Set<number>();

  constructor(range: PortRange) {
    this.#range = range;
  }

  /**
   * Of an app whose `needsServicePorts`, one per port of its containers; 0 where none is left. To be
   * asked in the order of app ids.
   */
  assign(app: MarathonApp): readonly number[] {
    const byPort = new Map<number, number>();
    return app.containerPorts.map((containerPort) => {
      const port = byPort.get(containerPort) ?? this.#free(app.id, containerPort);
      byPort.set(containerPort, port);
      return port;
    });
  }

  #free(appId: string, containerPort: number): number {
    const { min, max } = this.#range;
    const size = max - min + 1;
    if (this.#taken.size >= size) return 0;
    let port = 0;
    for (let clashes = 0; clashes < MAX_CLASHES && port === 0; clashes += 1) {
      const digest = hash('sha1', `${appId}-${containerPort}-${clashes}`);
      const trial = min + (Number.parseInt(digest.slice(0, 8), 16) % size);
      if (!this.#taken.has(trial)) port = trial;
    }
    for (let trial = min; port === 0; trial += 1) {
      if (!this.#taken.has(trial)) port = trial;
    }
    this.#taken.add(port);
    return port;
  }
}

/** True if Marathon has not given its ports service ports, and they may be given here. */
export function needsServicePorts(app: MarathonApp): boolean {
  return (
    app.networking === 'container' && app.servicePorts.length === 0 && app.containerPorts.length > 0
  );
}
