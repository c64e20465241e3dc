// Lines to standard output or a file, by pino's writer: in pieces of whole lines, so that those of
// several workers do not mix. What waits is bounded.

import { fstatSync, statSync } from 'node:fs';
import { destination } from 'pino';
import { LineBuffer } from './line-buffer.ts';
import type { LineSink } from './line-sink.ts';

/** POSIX: as much goes into a pipe in one piece (PIPE_BUF); a file takes any. */
const PIPE_BYTES = 4_096;
/** A write is a visit to another thread; larger pieces leave the processor's cache before they are written. */
const FILE_BYTES = 65_536;
/** Most that waits for a slow reader. */
const MAX_WAITING_BYTES = 4_194_304;
/** A line is this old at most when it is written. */
const FLUSH_MS = 250;
/** How often a file is looked for that may have been moved away. */
const LOOK_MS = 2_000;
/** Attempts, 100 ms apart, to get rid of the last lines. */
const LAST_ATTEMPTS = 10;
/** For the line that makes a piece too long. */
const SPARE_BYTES = 4_096;

/** Pieces that are kept for later. */
const MOST_FREE = 4;

const LINE_END = 0x0a;

export class StreamSink implements LineSink {
  lost = 0;
  trouble = '';
  readonly #path: string | null;
  #stream: ReturnType<typeof destination>;
  readonly #timers: NodeJS.Timeout[];
  readonly #pieceBytes: number;
  /** Lines that wait. */
  #lines: LineBuffer;
  /** Where the last of them begins. */
  #lineAt = 0;
  /** Given to the stream, which keeps them until they are written; then they are used again. */
  #lent: LineBuffer[] = [];
  readonly #free: LineBuffer[] = [];
  #attemptsLeft = Number.POSITIVE_INFINITY;
  /** Of the file that is open; 0 = none is, or not yet. */
  #inode = 0;
  /** The file could not be opened: nothing may be written to its stream. */
  #isShut = false;

  /** `path` null = standard output. */
  constructor(path: string | null) {
    this.#pieceBytes = path !== null || fstatSync(1).isFile() ? FILE_BYTES : PIPE_BYTES;
    this.#path = path;
    this.#lines = this.#emptyLines();
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
      contentMode: 'buffer',
      maxWrite: this.#pieceBytes,
      maxLength: MAX_WAITING_BYTES,
      retryEAGAIN: () => {
        this.#attemptsLeft -= 1;
        return this.#attemptsLeft >= 0;
      },
    });
    stream.on('drop', (piece: Buffer) => {
      this.lost += linesIn(piece);
      // It is the one that was given last.
      this.#lent.pop();
      this.trouble = 'lines are not taken as fast as they are written';
    });
    stream.on('drain', () => this.#takeBack());
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

  begin(): LineBuffer {
    this.#lineAt = this.#lines.length;
    return this.#lines;
  }

  end(): void {
    this.#lines.byte(LINE_END);
    // Without its last line it was not too long.
    if (this.#lines.length > this.#pieceBytes) this.#flushUpTo(this.#lineAt);
    if (this.#lines.length > this.#pieceBytes) this.#flush();
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    // What is given to an open file now is written here: begun on another thread, it would not be waited for.
    const isOpen = this.#path === null || this.#inode !== 0;
    if (isOpen) Object.assign(this.#stream, { minLength: Number.POSITIVE_INFINITY });
    this.#flush();
    this.#attemptsLeft = LAST_ATTEMPTS;
    try {
      this.#stream.flushSync();
    } catch (error) {
      this.trouble = error instanceof Error ? error.message : String(error);
    }
  }

  #flush(): void {
    this.#flushUpTo(this.#lines.length);
  }

  /** What is behind `end` begins the next piece. */
  #flushUpTo(end: number): void {
    if (end === 0) return;
    const lines = this.#lines;
    const next = this.#emptyLines();
    next.put(lines.bytes.subarray(end, lines.length));
    this.#lines = next;
    const piece = lines.bytes.subarray(0, end);
    if (this.#isShut) {
      this.lost += linesIn(piece);
      return;
    }
    this.#lent.push(lines);
    // Its type knows no bytes.
    this.#stream.write(piece as unknown as string);
  }

  #emptyLines(): LineBuffer {
    const lines = this.#free.pop() ?? new LineBuffer(this.#pieceBytes + SPARE_BYTES);
    lines.length = 0;
    return lines;
  }

  /** The stream has written all it had. */
  #takeBack(): void {
    this.#free.push(...this.#lent.slice(0, MOST_FREE - this.#free.length));
    this.#lent = [];
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

function linesIn(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_END); at >= 0; at = bytes.indexOf(LINE_END, at + 1)) lines += 1;
  return lines;
}
