// Runs standing-marathon.mjs, kills it, and runs it again on the same port.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePorts } from './free-ports.ts';

const PROGRAM = fileURLToPath(new URL('./standing-marathon.mjs', import.meta.url));

export class StandingMarathon {
  readonly url: string;
  readonly #port: number;
  readonly #apps: readonly unknown[];
  #child: ChildProcess | null = null;

  private constructor(port: number, apps: readonly unknown[]) {
    this.url = `http://127.0.0.1:${port}`;
    this.#port = port;
    this.#apps = apps;
  }

  static async start(apps: readonly unknown[]): Promise<StandingMarathon> {
    const [port = 0] = await freePorts(1);
    const marathon = new StandingMarathon(port, apps);
    await marathon.start();
    return marathon;
  }

  /** After a kill. */
  async start(): Promise<void> {
    const child = fork(PROGRAM);
    this.#child = child;
    child.send({ port: this.#port, apps: this.#apps });
    await once(child, 'message', { signal: AbortSignal.timeout(10_000) });
  }

  /** By SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
}
