// One request on its way to a peer and back. Both sides have one life: whoever goes first takes the other
// along, every time and size has an end, and whatever the peer does is an answer or the end of one.

import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, Transform } from 'node:stream';
import { responseHeaders } from './peer-headers.ts';
import type { PeerQuestion } from './peer-path.ts';

export interface PeerLimits {
  /** Until the answer begins, the connection included. */
  readonly headMs: number;
  /** The same for orders: workers have five seconds to prepare and as many to commit. */
  readonly orderHeadMs: number;
  /** Until the answer has ended; streams are opened again. */
  readonly wholeMs: number;
  readonly streamMs: number;
  /** Silence on the connection to the peer once the answer has begun. */
  readonly silenceMs: number;
  /** Of an answer's body, streams excepted. */
  readonly maxBytes: number;
}

export const PEER_LIMITS: PeerLimits = Object.freeze({
  headMs: 5_000,
  orderHeadMs: 12_000,
  wholeMs: 30_000,
  streamMs: 3_600_000,
  silenceMs: 10_000,
  maxBytes: 64 * 1_048_576,
});

export class Forwarding {
  readonly #question: PeerQuestion;
  readonly #response: ServerResponse;
  readonly #limits: PeerLimits;
  readonly #refuse: (status: 502 | 504, why: string) => void;
  #upstream: ClientRequest | null = null;
  #timer: NodeJS.Timeout;
  #isOver = false;

  /** `refuse` answers in place of the peer, with one clause of why; it is called once at most. */
  constructor(
    question: PeerQuestion,
    response: ServerResponse,
    limits: PeerLimits,
    refuse: (status: 502 | 504, why: string) => void,
  ) {
    this.#question = question;
    this.#response = response;
    this.#limits = limits;
    this.#refuse = refuse;
    const { kind, waitMs } = question;
    const headMs = kind === 'order' ? limits.orderHeadMs : limits.headMs + waitMs;
    this.#timer = setTimeout(
      () => this.fail(504, `has not answered within ${Math.ceil(headMs / 1_000)} s`),
      headMs,
    );
    response.once('close', () => this.end());
  }

  /** The request to the peer has a socket. */
  sending(upstream: ClientRequest): void {
    this.#upstream = upstream;
    if (this.#isOver) {
      upstream.destroy();
      return;
    }
    upstream.on('upgrade', (_answer, socket) => {
      socket.destroy();
      this.fail(502, 'answers with another protocol');
    });
    upstream.on('close', () => {
      if (!this.#response.headersSent) this.fail(502, 'ended without an answer');
    });
  }

  answered(answer: IncomingMessage): void {
    const { statusCode = 0, headers } = answer;
    const passed = responseHeaders(statusCode, headers, this.#question);
    if (this.#isOver) answer.destroy();
    else if (typeof passed === 'string') this.fail(502, `answers what is not passed on: ${passed}`);
    else if (Number(passed['content-length'] ?? 0) > this.#limits.maxBytes) {
      this.fail(502, 'answers what is not passed on: it is too large');
    } else {
      this.#response.writeHead(statusCode, passed);
      this.#pass(answer);
    }
  }

  /** Answers in place of the peer; once an answer has begun it is cut instead. */
  fail(status: 502 | 504, why: string): void {
    if (this.#isOver) return;
    if (this.#response.headersSent) this.#response.destroy();
    else this.#refuse(status, why);
    this.end();
  }

  /** Ends what goes on with the peer. */
  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#upstream?.destroy();
  }

  #pass(answer: IncomingMessage): void {
    const { silenceMs, streamMs, wholeMs, maxBytes } = this.#limits;
    const isStream = this.#question.kind === 'stream';
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.fail(504, 'has not answered to the end'),
      isStream ? streamMs : wholeMs,
    );
    answer.setTimeout(silenceMs, () => this.fail(504, 'has fallen silent'));
    // Its end, whole or cut, is the end of the response: `close` follows.
    pipeline(
      answer,
      atMost(isStream ? Number.POSITIVE_INFINITY : maxBytes),
      this.#response,
      () => {},
    );
  }
}

/** Passes so many bytes on; one more is an error. */
function atMost(maxBytes: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > maxBytes) done(new Error('too large'));
      else done(null, chunk);
    },
  });
}
