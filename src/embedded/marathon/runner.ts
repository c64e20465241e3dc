// Tasks as local processes: each leads a process group of its own, its output goes to files in its sandbox.

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AppRequest } from './app-definition.ts';
import { signalGroup, Warden } from './warden.ts';

/** A program with its arguments, never a line for a shell to split. */
export type Command = readonly [string, ...string[]];

const SIMPLESERVICE = /^(docker\.io\/)?(mhausenblas|mesosphere)\/simpleservice(:[\w.-]+)?$/;
// Compiled it lies beside us; from the sources only the compiled one can be run by every Node we support.
const PROGRAM = import.meta.url.endsWith('.ts')
  ? '../../../dist/embedded/simpleservice/main.js'
  : '../simpleservice/main.js';

/** What an app runs here, or (a string) why it cannot run here. */
export function commandOf(app: AppRequest): Command | string {
  const image = app.container?.docker?.image;
  if (image !== undefined) {
    if (SIMPLESERVICE.test(image)) {
      return [process.execPath, fileURLToPath(new URL(PROGRAM, import.meta.url))];
    }
    return `image ${image} cannot be run: the embedded Marathon starts local processes, not containers. Use the image mhausenblas/simpleservice, or an app with "cmd" and no image.`;
  }
  if (app.cmd !== undefined) return ['/bin/sh', '-c', app.cmd];
  const [program, ...rest] = app.args ?? [];
  return program === undefined ? 'the app has neither "cmd" nor "args"' : [program, ...rest];
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it never started; null when it did. */
  readonly error: string | null;
}

export class TaskProcess {
  /** Resolves once the process and its whole group are gone. Never rejects. */
  readonly exited: Promise<Exit>;
  readonly #pid: number | undefined;
  #killTimer: NodeJS.Timeout | undefined;

  constructor(child: ChildProcess, warden: Warden) {
    this.#pid = child.pid;
    if (child.pid !== undefined) warden.watch(child.pid);
    this.exited = new Promise((resolve) => {
      const end = (exit: Exit): void => {
        clearTimeout(this.#killTimer);
        if (child.pid !== undefined) warden.reap(child.pid);
        resolve(exit);
      };
      child.once('exit', (code, signal) => end({ code, signal, error: null }));
      child.once('error', (error) => end({ code: null, signal: null, error: error.message }));
    });
  }

  /** SIGTERM to the group now, SIGKILL after the grace. */
  terminate(graceMs: number): void {
    const pid = this.#pid;
    if (pid === undefined || this.#killTimer !== undefined) return;
    signalGroup(pid, 'SIGTERM');
    this.#killTimer = setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMs);
  }
}

const FINISHED_SANDBOXES_KEPT = 50;

export class Runner {
  readonly #root: string;
  readonly #warden: Warden;
  readonly #finished: string[] = [];

  constructor() {
    this.#root = mkdtempSync(join(tmpdir(), 'teal-marathon-'));
    this.#warden = new Warden(this.#root);
  }

  sandboxOf(taskId: string): string {
    return join(this.#root, taskId);
  }

  /** Starts a program in the sandbox, which is made when it is not there. `name` names its output files. */
  start(
    command: Command,
    env: Readonly<Record<string, string>>,
    sandbox: string,
    name = '',
  ): TaskProcess {
    mkdirSync(sandbox, { recursive: true });
    const output = (stream: string): number => openSync(join(sandbox, `${name}${stream}`), 'a');
    const out = output('stdout');
    const error = output('stderr');
    try {
      const [program, ...args] = command;
      const child = spawn(program, args, {
        cwd: sandbox,
        detached: true,
        env,
        stdio: ['ignore', out, error],
      });
      return new TaskProcess(child, this.#warden);
    } finally {
      closeSync(out);
      closeSync(error);
    }
  }

  /** A task has ended: the latest sandboxes stay to be looked into, older ones go. */
  retire(sandbox: string): void {
    this.#finished.push(sandbox);
    while (this.#finished.length > FINISHED_SANDBOXES_KEPT) {
      rmSync(this.#finished.shift() ?? '', { recursive: true, force: true });
    }
  }

  /** Kills every process that is left and removes every file. */
  stop(): Promise<void> {
    return this.#warden.dismiss();
  }
}
