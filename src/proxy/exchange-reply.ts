// What the client of one exchange reads besides the body: interim heads, the head of the response with
// what we have to say in it, or an answer of our own. It decides whether the connection goes on.

import { answerOf, customAnswerOf, refusalOf } from './answers.ts';
import type { ExchangeAccount } from './exchange-account.ts';
import type { AfterExchange, ExchangeClient } from './exchange-client.ts';
import type { ExchangeRequest } from './exchange-request.ts';
import type { Screening } from './exchange-screening.ts';
import { FAILURES, type FailureCode } from './failure.ts';
import { CHUNKED } from './http/framing.ts';
import { BODY_AS_IS, type ResponseHead } from './http/response-head.ts';
import type { ErrorPage } from './policy/error-page.ts';
import type { Reply } from './policy/reply.ts';
import type { RequestRelay } from './request-relay.ts';
import type { RelayOwner, ResponseRelay } from './response-relay.ts';
import type { Runtime } from './runtime.ts';
import type { Seat } from './seat.ts';
import { COLOUR_COOKIE, SERVER_COOKIE } from './sticky.ts';

/** For operators: the service is known, and nothing stands behind it. */
const NOTHING_BEHIND = 'x-teal-reason: no usable server\r\n';

/** What an exchange is made of, as far as its reply depends on it. */
export interface Replying {
  readonly client: ExchangeClient;
  readonly account: ExchangeAccount;
  readonly seat: Seat;
  readonly asked: ExchangeRequest;
  readonly request: RequestRelay;
  readonly response: ResponseRelay;
  readonly screening: Screening;
  /** Told when a compressed response has gone out. */
  readonly owner: RelayOwner;
}

export class ExchangeReply {
  readonly #runtime: Runtime;
  readonly #of: Replying;

  constructor(runtime: Runtime, of: Replying) {
    this.#runtime = runtime;
    this.#of = of;
  }

  /** Passes on a head that another one follows. */
  interim(head: ResponseHead): void {
    // RFC 9110 §15.2: an HTTP/1.0 client does not know them.
    if (this.#of.asked.isHttp11) this.#tell(head.forward('', BODY_AS_IS));
  }

  /** Passes on the head that ends HTTP on this connection; false if it is refused. */
  switched(head: ResponseHead): boolean {
    const text = this.#edited(head.forward('', BODY_AS_IS), 101);
    if (text !== null) this.#tell(this.#withCookies(text, 101));
    return text !== null;
  }

  /**
   * Starts the response; returns its head, to be written with what is there of its body, or null if
   * it is refused.
   */
  begin(head: ResponseHead): string | null {
    const { asked, request, response } = this.#of;
    response.begin(head, asked.isHttp11);
    // An upgrade that was refused: what the client sent in good faith is not HTTP.
    const isClear = request.done && !asked.upgrade && !response.endsByClose;
    if (!isClear || !this.#mayGoOn()) asked.keepAlive = false;
    const text = this.#edited(response.headText(head, asked.connectionLine), head.status);
    return text === null ? null : this.#withCookies(this.#compressed(head, text), head.status);
  }

  /** What may follow a response that has gone out whole. */
  get after(): AfterExchange {
    const { asked, request } = this.#of;
    if (asked.keepAlive) return 'next';
    return asked.isLast && request.done ? 'none' : 'refuse';
  }

  /** Answers in the server's place, for a failure; returns what may follow. */
  fail(code: FailureCode): AfterExchange {
    const { asked, seat } = this.#of;
    const { status } = FAILURES[code];
    this.#readyToAnswer(status);
    const refused = status < 500;
    if (refused) asked.keepAlive = false;
    const why = code === 'NO_SERVER' && seat.pool !== null ? NOTHING_BEHIND : '';
    this.#tell(
      refused && this.#pageFor(status) === null ? refusalOf(status) : this.#answer(status, why),
    );
    return asked.keepAlive ? 'next' : 'refuse';
  }

  /** Answers in the server's place, as a policy says; returns what may follow. */
  give({ status, fields, body, more, denies }: Reply): AfterExchange {
    const { asked, account } = this.#of;
    this.#readyToAnswer(status);
    account.intercepted(denies);
    if (fields === null) {
      this.#tell(this.#answer(status, more));
    } else {
      const lines = `${fields}${asked.connectionLine.toLowerCase()}`;
      this.#tell(customAnswerOf(status, lines, body, asked.method !== 'HEAD'));
    }
    return asked.keepAlive ? 'next' : 'refuse';
  }

  /** In HAProxy's words, or in those of the service; `more` are whole lines to add. */
  #answer(status: number, more: string): string {
    const { asked } = this.#of;
    const lines = `${more}${asked.connectionLine.toLowerCase()}`;
    const withBody = asked.method !== 'HEAD';
    const page = this.#pageFor(status);
    return page === null ? answerOf(status, lines, withBody) : page.text(lines, withBody);
  }

  #pageFor(status: number): ErrorPage | null {
    const file = this.#of.seat.pool?.errorFiles.find((one) => one.status === status);
    return file === undefined ? null : this.#runtime.errorPages.at(file.path);
  }

  #readyToAnswer(status: number): void {
    const { asked, request, account, screening } = this.#of;
    // A body that is here already need not cost the client its connection.
    request.skip();
    if (!request.done || asked.upgrade || !this.#mayGoOn()) asked.keepAlive = false;
    account.answered(status);
    screening.answered(status);
  }

  /** HAProxy compresses for HTTP/1.1 only, and what has a length or chunks. */
  #compressed(head: ResponseHead, text: string): string {
    const { asked, response, screening, owner } = this.#of;
    if (!asked.isHttp11 || (head.framing <= 0 && head.framing !== CHUNKED)) return text;
    const compressed = screening.compress(text);
    if (compressed === null) return text;
    response.compress(compressed.algorithm, head, owner);
    return compressed.text;
  }

  #edited(text: string, status: number): string | null {
    const { screening, seat } = this.#of;
    return screening.edit(text, status, seat.server?.name ?? '');
  }

  /** True if another request could come on the client's connection. */
  #mayGoOn(): boolean {
    const { ended, rest } = this.#of.client;
    return !this.#runtime.ending && !(ended && rest.piece === null);
  }

  /** Leads the client back to the server and colour that answer, if it would not come there by itself. */
  #withCookies(text: string, status: number): string {
    const { seat, asked } = this.#of;
    const { pool, server } = seat;
    if (pool === null || server === null) return text;
    let told = text;
    if (pool.sticky && server.cookie !== asked.cookie) {
      told = asked.withCookie(told, status, { name: SERVER_COOKIE, value: server.cookie });
    }
    if (asked.isShared && pool.cookie !== asked.colourCookie) {
      told = asked.withCookie(told, status, { name: COLOUR_COOKIE, value: pool.cookie });
    }
    return told;
  }

  #tell(text: string): void {
    this.#of.client.wire.writeText(text);
    this.#of.account.bytesOut(text.length);
  }
}
