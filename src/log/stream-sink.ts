// Lines to standard output or a file, by pino's writer: in pieces of whole lines, so that those of
// several workers do not mix. What waits is bounded.

import { fstatSync, statSync } from 'node:fs';
import { destination } from 'pino';
import type { LineSink } from './line-sink.ts';

/** POSIX: as much goes into a pipe in one piece (PIPE_BUF); a file takes any. */
const PIPE_BYTES = 4_096;
const FILE_BYTES = 32_768;
/** Most that waits for a slow reader. */
const MAX_WAITING_BYTES = 4_194_304;
/** A line is this old at most when it is written. */
const FLUSH_MS = 250;
/** How often a file is looked for that may have been moved away. */
const LOOK_MS = 2_000;
/** Attempts, 100 ms apart, to get rid of the last lines. */
const LAST_ATTEMPTS = 10;

export class StreamSink implements LineSink {
  lost = 0;
  trouble = '';
  readonly #path: string | null;
  #stream: ReturnType<typeof destination>;
  readonly #timers: NodeJS.Timeout[];
  readonly #pieceBytes: number;
  #piece = '';
  #attemptsLeft = Number.POSITIVE_INFINITY;
  /** Of the file that is open; 0 = none is, or not yet. */
  #inode = 0;
  /** The file could not be opened: nothing may be written to its stream. */
  #isShut = false;

  /** `path` null = standard output. */
  constructor(path: string | null) {
    this.#pieceBytes = path !== null || fstatSync(1).isFile() ? FILE_BYTES : PIPE_BYTES;
    this.#path = path;
    this.#stream = this.#open();
    this.#timers = [setInterval(() => this.#flush(), FLUSH_MS)];
    if (path !== null) this.#timers.push(setInterval(() => this.#look(path), LOOK_MS));
    for (const timer of this.#timers) timer.unref();
  }

  #open(): ReturnType<typeof destination> {
    const path = this.#path;
    const stream = destination({
      ...(path === null ? { fd: 1 } : { dest: path, append: true }),
      sync: false,
      maxWrite: this.#pieceBytes,
      maxLength: MAX_WAITING_BYTES,
      retryEAGAIN: () => {
        this.#attemptsLeft -= 1;
        return this.#attemptsLeft >= 0;
      },
    });
    stream.on('drop', (piece: string) => {
      this.lost += piece.split('\n').length - 1;
      this.trouble = 'lines are not taken as fast as they are written';
    });
    stream.on('error', (error: Error) => {
      this.trouble = error.message;
      this.#isShut = path !== null && this.#inode === 0;
    });
    if (path !== null) {
      stream.on('ready', () => {
        this.#inode = inodeOf(path);
      });
    }
    return stream;
  }

  write(line: string): void {
    if (this.#piece.length + line.length >= this.#pieceBytes) this.#flush();
    this.#piece += `${line}\n`;
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#flush();
    this.#attemptsLeft = LAST_ATTEMPTS;
    try {
      this.#stream.flushSync();
    } catch (error) {
      this.trouble = error instanceof Error ? error.message : String(error);
    }
  }

  #flush(): void {
    if (this.#piece === '') return;
    const piece = this.#piece;
    this.#piece = '';
    if (this.#isShut) this.lost += piece.split('\n').length - 1;
    else this.#stream.write(piece);
  }

  /** Another file is begun where ours was moved away, or could not be opened. */
  #look(path: string): void {
    if (this.#isShut) {
      this.#isShut = false;
      this.#stream = this.#open();
      return;
    }
    if (this.#inode === 0 || this.#inode === inodeOf(path)) return;
    this.#inode = 0;
    this.#stream.reopen();
  }
}

/** 0 = there is no such file. */
function inodeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? 0;
}
