// Gathers a response head from the pieces a server sends and reads it into the worker's shared
// ResponseHead. What cannot become a head any more is refused at once, not at the timeout.

import type { HeadFault } from './http/fields.ts';
import type { Runtime } from './runtime.ts';

export type ResponseFault = HeadFault | 'head-too-large' | 'not-http';

const START = 'HTTP/1.';

export class ResponseReader {
  fault: ResponseFault | null = null;
  readonly #runtime: Runtime;
  #method = '';
  #text = '';

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Starts the response to a request of `method`. */
  begin(method: string): void {
    this.#method = method;
    this.#text = '';
    this.fault = null;
  }

  /** True if a part of a head was read. */
  get started(): boolean {
    return this.#text !== '';
  }

  /** Reads from `piece[from, to)`; returns the end of the head, -1 = not there yet, or at fault. */
  read(piece: Buffer, from: number, to: number): number {
    const { settings, responseHead } = this.#runtime;
    const before = this.#text.length;
    const room = settings.maxHeadBytes + 1 - before;
    const text = this.#text + piece.toString('latin1', from, Math.min(to, from + room));
    const end = text.indexOf('\r\n\r\n', Math.max(0, before - 3));
    if (end === -1 || end + 4 > settings.maxHeadBytes) {
      this.#text = text;
      if (text.length > settings.maxHeadBytes) this.fault = 'head-too-large';
      else if (!START.startsWith(text.slice(0, START.length))) this.fault = 'not-http';
      else if (/[^\r]\n/.test(text)) this.fault = 'bare-line-feed';
      return -1;
    }
    this.fault = responseHead.read(text.slice(0, end + 4), this.#method, settings.maxHeadFields);
    return this.fault === null ? from + end + 4 - before : -1;
  }
}
