// Host ports for tasks: random, consecutive, free on this machine, and not the ones given out most recently.

import { createServer } from 'node:net';
import { type AppDefinition, wantedPorts } from './app-definition.ts';

const ATTEMPTS = 200;
// A port that was in use a moment ago may still be known somewhere as another task's: let it rest.
const RESTING = 200;

function bindable(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      probe.close(() => resolve(true));
    });
  });
}

export class HostPorts {
  readonly #first: number;
  readonly #last: number;
  readonly #taken = new Set<number>();
  #resting: number[] = [];

  constructor(range: readonly [number, number]) {
    [this.#first, this.#last] = range;
  }

  /**
   * One port per port the app wants, by its index; null when there is no room now. The ports stay taken until they
   * are given back with `release`.
   */
  async reserve(app: AppDefinition): Promise<readonly number[] | null> {
    const wanted = wantedPorts(app);
    const dynamic = wanted.filter((port) => port.hostPort === 0).length;
    const free = await this.#consecutive(dynamic);
    if (free === null) return null;
    let used = 0;
    const ports = wanted.map(({ hostPort, containerPort }) => {
      // Without a host port the task is reached at its container's own port.
      if (hostPort === null) return containerPort || 1025 + Math.floor(Math.random() * 64_510);
      if (hostPort !== 0) return hostPort;
      used += 1;
      return free[used - 1] ?? 0;
    });
    const fixed = wanted.flatMap((port) => port.hostPort || []);
    if (fixed.some((port) => this.#taken.has(port)) || !(await allBindable(fixed))) {
      this.release(free);
      return null;
    }
    for (const port of fixed) this.#taken.add(port);
    return ports;
  }

  release(ports: readonly number[]): void {
    for (const port of ports) if (this.#taken.delete(port)) this.#resting.push(port);
    const room = this.#last - this.#first + 1;
    this.#resting = this.#resting.slice(-Math.min(RESTING, Math.floor(room / 2)));
  }

  async #consecutive(count: number): Promise<readonly number[] | null> {
    if (count === 0) return [];
    const starts = this.#last - this.#first + 2 - count;
    for (let attempt = 0; attempt < ATTEMPTS && starts > 0; attempt += 1) {
      const start = this.#first + Math.floor(Math.random() * starts);
      const ports = Array.from({ length: count }, (_, index) => start + index);
      if (ports.some((port) => this.#taken.has(port) || this.#resting.includes(port))) continue;
      for (const port of ports) this.#taken.add(port);
      if (await allBindable(ports)) return ports;
      for (const port of ports) this.#taken.delete(port);
    }
    return null;
  }
}

async function allBindable(ports: readonly number[]): Promise<boolean> {
  for (const port of ports) if (!(await bindable(port))) return false;
  return true;
}
