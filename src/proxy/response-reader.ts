// Gathers the heads of a response from the pieces a server sends, interim ones first, and reads each
// into the worker's shared ResponseHead. What cannot become a head any more is refused at once, not
// at the timeout.

import { HalfHead } from './half-head.ts';
import type { HeadFault } from './http/fields.ts';
import { bytesOf, endOfHead, latin1 } from './http/head-bytes.ts';
import type { ResponseHead } from './http/response-head.ts';
import type { Runtime } from './runtime.ts';

export type ResponseFault = HeadFault | 'head-too-large' | 'not-http' | 'too-many-interim';

const START = 'HTTP/1.';
/** More interim responses to one request are an attack (http.md, limits). */
const MAX_INTERIM = 10;

export class ResponseReader {
  fault: ResponseFault | null = null;
  /** Read last by `read`; it means something until the next head of any connection is read. */
  readonly head: ResponseHead;
  readonly #runtime: Runtime;
  /** Made for the first head that comes in pieces: most servers never send one. */
  #half: HalfHead | null = null;
  #method = '';
  #interim = 0;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.head = runtime.responseHead;
  }

  /** Starts the response to a request of `method`. */
  begin(method: string): void {
    this.#method = method;
    this.#half?.clear();
    this.#interim = 0;
    this.fault = null;
  }

  /** True if nothing of a response was read, not even of an interim one. */
  get untouched(): boolean {
    return (this.#half?.length ?? 0) === 0 && this.#interim === 0;
  }

  /** Reads from `piece[from, to)`; returns the end of the head, -1 = not there yet, or at fault. */
  read(piece: Buffer, from: number, to: number): number {
    const half = this.#half;
    if (half === null || half.length === 0) return this.#readNew(piece, from, to);
    return this.#readOn(half, piece, from, to);
  }

  /** Most heads come in one piece: they are not copied. */
  #readNew(piece: Buffer, from: number, to: number): number {
    const { maxHeadBytes } = this.#runtime.settings;
    const until = Math.min(to, from + maxHeadBytes + 1);
    const end = endOfHead(piece, from, until);
    if (end !== -1 && end - from <= maxHeadBytes) {
      return this.#readHead(latin1(piece, from, end), end, piece, from);
    }
    this.#half ??= new HalfHead();
    this.#half.add(piece, from, until, maxHeadBytes + 1);
    return this.#judge(this.#half);
  }

  #readOn(half: HalfHead, piece: Buffer, from: number, to: number): number {
    const { maxHeadBytes } = this.#runtime.settings;
    const before = half.length;
    half.add(piece, from, Math.min(to, from + maxHeadBytes + 1 - before), maxHeadBytes + 1);
    const { end } = half;
    if (end === -1 || end > maxHeadBytes) return this.#judge(half);
    const head = half.text(end);
    half.clear();
    return this.#readHead(head, from + end - before, bytesOf(head), 0);
  }

  #readHead(text: string, end: number, bytes: Uint8Array, base: number): number {
    const { head } = this;
    const { maxHeadFields } = this.#runtime.settings;
    this.fault = head.read(text, this.#method, maxHeadFields, bytes, base);
    if (this.fault === null && head.isInterim) {
      this.#interim += 1;
      if (this.#interim > MAX_INTERIM) this.fault = 'too-many-interim';
    }
    return this.fault === null ? end : -1;
  }

  #judge(half: HalfHead): number {
    if (half.length > this.#runtime.settings.maxHeadBytes) this.fault = 'head-too-large';
    else if (!START.startsWith(half.text(START.length))) this.fault = 'not-http';
    else if (half.hasBareLineFeed) this.fault = 'bare-line-feed';
    return -1;
  }
}
