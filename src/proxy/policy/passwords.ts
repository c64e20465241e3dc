// Whether credentials are right, found out by a thread and remembered. Passwords are never kept: what
// is remembered are digests under a key of this process. Nobody can make it do unbounded work: few
// questions wait, fewer of one client, and those whose askers have gone are not put. Any number may
// wait for one answer, as a browser asks on several connections at once.

import { createHmac, randomBytes } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { Logger } from '../../log/logger.ts';
import type { Question } from './crypt/thread.ts';

/** `busy`: too much is being asked, or the thread died. */
export type Verdict = 'right' | 'wrong' | 'busy';

export interface Asker {
  /** Address of the client. */
  readonly address: string;
  /** Called once, later. */
  judged(verdict: Verdict): void;
}

interface Asked {
  readonly key: string;
  readonly question: Question;
  /** The client it is counted for. */
  readonly address: string;
  readonly askers: Set<Asker>;
}

const MAX_WAITING = 64;
const MAX_OF_ONE_CLIENT = 16;
const MAX_RIGHT = 1_000;
const MAX_WRONG = 10_000;

export class Passwords {
  readonly #program: string;
  readonly #log: Logger;
  readonly #secret = randomBytes(32);
  /** Digests, the one used last at the end. */
  readonly #right = new Set<string>();
  readonly #wrong = new Set<string>();
  /** By digest, in the order they are put; the first one is with the thread. */
  readonly #waiting = new Map<string, Asked>();
  readonly #ofClient = new Map<string, number>();
  #thread: Worker | null = null;
  #isBusy = false;

  /** `program` is the path of the built thread program. */
  constructor(program: string, log: Logger) {
    this.#program = program;
    this.#log = log;
  }

  /** Digest that stands for a password and a hash. */
  keyOf(password: Buffer, hash: string): string {
    return createHmac('sha256', this.#secret)
      .update(`${hash.length}:${hash}`)
      .update(password)
      .digest('base64');
  }

  /** What is known already; null = it has to be asked. */
  known(key: string): boolean | null {
    if (touch(this.#right, key)) return true;
    return touch(this.#wrong, key) ? false : null;
  }

  /**
   * Has it found out; false = too much is being asked already. The caller must `forget` if it is no
   * longer interested before it was told.
   */
  ask(key: string, question: Question, asker: Asker): boolean {
    let asked = this.#waiting.get(key);
    if (asked === undefined) {
      const { address } = asker;
      const ofClient = this.#ofClient.get(address) ?? 0;
      if (this.#waiting.size >= MAX_WAITING || ofClient >= MAX_OF_ONE_CLIENT) return false;
      this.#ofClient.set(address, ofClient + 1);
      asked = { key, question, address, askers: new Set() };
      this.#waiting.set(key, asked);
    }
    asked.askers.add(asker);
    this.#putNext();
    return true;
  }

  forget(key: string, asker: Asker): void {
    const asked = this.#waiting.get(key);
    if (asked === undefined) return;
    asked.askers.delete(asker);
    const [put] = this.#waiting.values();
    if (asked.askers.size === 0 && asked !== put) this.#drop(asked);
  }

  /** Ends the thread; whoever waits is told that it is busy. */
  async close(): Promise<void> {
    const thread = this.#thread;
    this.#lost();
    await thread?.terminate();
  }

  #putNext(): void {
    const [asked] = this.#waiting.values();
    if (this.#isBusy || asked === undefined) return;
    this.#isBusy = true;
    this.#thread ??= this.#start();
    this.#thread.postMessage(asked.question);
  }

  #start(): Worker {
    const thread = new Worker(this.#program);
    thread.unref();
    thread.on('message', (isRight: boolean) => this.#answered(isRight));
    thread.on('error', (error) => {
      this.#log.error({ err: error }, 'the thread that verifies passwords failed');
    });
    thread.on('exit', () => {
      if (this.#thread === thread) this.#lost();
    });
    return thread;
  }

  #answered(isRight: boolean): void {
    const [asked] = this.#waiting.values();
    this.#isBusy = false;
    if (asked === undefined) return;
    this.#drop(asked);
    if (isRight) remember(this.#right, asked.key, MAX_RIGHT);
    else remember(this.#wrong, asked.key, MAX_WRONG);
    tell(asked, isRight ? 'right' : 'wrong');
    this.#putNext();
  }

  #lost(): void {
    this.#thread = null;
    this.#isBusy = false;
    const all = [...this.#waiting.values()];
    for (const asked of all) this.#drop(asked);
    for (const asked of all) tell(asked, 'busy');
  }

  #drop({ key, address }: Asked): void {
    this.#waiting.delete(key);
    const left = (this.#ofClient.get(address) ?? 1) - 1;
    if (left === 0) this.#ofClient.delete(address);
    else this.#ofClient.set(address, left);
  }
}

function tell({ askers }: Asked, verdict: Verdict): void {
  for (const asker of askers) asker.judged(verdict);
}

/** True if it is there; it then is the last that is forgotten. */
function touch(known: Set<string>, key: string): boolean {
  if (!known.delete(key)) return false;
  known.add(key);
  return true;
}

function remember(known: Set<string>, key: string, most: number): void {
  known.add(key);
  if (known.size <= most) return;
  for (const oldest of known) {
    known.delete(oldest);
    return;
  }
}
