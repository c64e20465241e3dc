// A built `teal` as a process of its own: its output by line, its end, and who is left of it.

import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export type LogLine = Readonly<Record<string, unknown>>;

interface Waiting {
  readonly accepts: (line: string) => boolean;
  readonly resolve: (line: string) => void;
}

export class TealProcess {
  readonly lines: string[] = [];
  readonly exit: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #waiting = new Set<Waiting>();
  #rest = '';
  #ended = false;

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    this.exit = new Promise((resolve) => {
      child.on('exit', (code) => {
        this.#ended = true;
        resolve(code);
      });
    });
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** JSON log lines so far. */
  get log(): LogLine[] {
    return this.lines.flatMap((line) =>
      line.startsWith('{') ? [JSON.parse(line) as LogLine] : [],
    );
  }

  /** The first line, past or to come, that is accepted. */
  line(accepts: (line: string) => boolean, what: string, timeoutMs = 60_000): Promise<string> {
    const past = this.lines.find(accepts);
    if (past !== undefined) return Promise.resolve(past);
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        clearTimeout(timer);
        this.#waiting.delete(waiting);
        reject(
          new Error(
            `${why} before '${what}' was seen; its last lines:\n${this.lines.slice(-15).join('\n')}`,
          ),
        );
      };
      const timer = setTimeout(() => fail(`${timeoutMs} ms went by`), timeoutMs);
      const waiting: Waiting = {
        accepts,
        resolve: (line) => {
          clearTimeout(timer);
          this.#waiting.delete(waiting);
          resolve(line);
        },
      };
      this.#waiting.add(waiting);
      void this.exit.then((code) => fail(`teal ended with ${code}`));
    });
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.#ended) this.#child.kill(signal);
  }

  /** Pids of all processes below this one, at this moment. */
  descendants(): number[] {
    const parents = new Map<number, number>();
    for (const name of readdirSync('/proc')) {
      if (/^\d+$/.test(name)) parents.set(Number(name), parentOf(name));
    }
    const below = new Set([this.pid]);
    let grown = true;
    while (grown) {
      grown = false;
      for (const [pid, parent] of parents) {
        if (below.has(parent) && !below.has(pid)) {
          below.add(pid);
          grown = true;
        }
      }
    }
    below.delete(this.pid);
    return [...below];
  }

  #read(text: string): void {
    const parts = `${this.#rest}${text}`.split('\n');
    this.#rest = parts.pop() ?? '';
    for (const line of parts) {
      this.lines.push(line);
      for (const waiting of this.#waiting) if (waiting.accepts(line)) waiting.resolve(line);
    }
  }
}

/** True while a process lives (a zombie does not). */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function parentOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}
