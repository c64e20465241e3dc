// Shows a peer's page and API under `/_teal/peers/NAME/…`, through http-proxy. That library trusts both
// sides: a trailer, a status or a reason phrase can end the process, a client that leaves keeps the peer's
// socket for ever, DELETE and OPTIONS can be smuggled in. So it gets GET, HEAD and POST only, with headers
// and a body of our own making, and hands every answer over before a byte of it is written.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import httpProxy from 'http-proxy';
import { type Answer, refusal, send } from '../answer.ts';
import { passOf } from '../order-access.ts';
import { MAX_BODY_BYTES } from '../order-body.ts';
import { bodyOf } from '../orders.ts';
import { Forwarding, PEER_LIMITS, type PeerLimits } from './forwarding.ts';
import { requestHeaders } from './peer-headers.ts';
import { type PeerQuestion, readPeerPath } from './peer-path.ts';

/** Requests under way at once, streams included. */
const MAX_OPEN = 64;
/** The server's own limit of silence is for other answers. */
const SILENCE_MARGIN_MS = 20_000;

/** Base URL of a configured peer; null = none is called so. */
export type PeerUrl = (name: string) => string | null;

export class PeerProxy {
  readonly #urlOf: PeerUrl;
  readonly #limits: PeerLimits;
  readonly #open = new Map<IncomingMessage, Forwarding>();
  readonly #proxy = httpProxy.createProxyServer({ selfHandleResponse: true, toProxy: true });

  constructor(urlOf: PeerUrl, limits: PeerLimits = PEER_LIMITS) {
    this.#urlOf = urlOf;
    this.#limits = limits;
    this.#proxy.on('proxyReq', (upstream, request) => this.#open.get(request)?.sending(upstream));
    this.#proxy.on('proxyRes', (answer, request) => this.#open.get(request)?.answered(answer));
  }

  /** True = the request is for a peer, and is answered here. Never throws. */
  take(request: IncomingMessage, response: ServerResponse): boolean {
    const { method, url = '' } = request;
    const question = readPeerPath(method, url.replace(/^https?:\/\/[^/?#]*/i, ''));
    if (question === null) return false;
    if ('error' in question) {
      request.resume();
      send(response, refusal(question.status, question.error, question.headers), method);
    } else void this.#ask(question, request, response);
    return true;
  }

  /** Ends everything under way. */
  close(): void {
    for (const forwarding of this.#open.values()) forwarding.fail(502, 'is asked no longer');
    this.#proxy.removeAllListeners();
  }

  async #ask(
    question: PeerQuestion,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const refuse = (status: number, error: string): void => {
      request.resume();
      if (!response.headersSent) send(response, told(question, status, error), request.method);
    };
    const url = this.#urlOf(question.peer);
    if (url === null) return refuse(404, `no peer is called '${question.peer}'; see /_teal/peers`);
    if (this.#open.size >= MAX_OPEN) return refuse(503, `${MAX_OPEN} questions to peers are open`);
    let body = '';
    if (question.kind === 'order') {
      const access = passOf(request);
      if (access !== 'granted') return refuse(access.status, access.error);
      const read = await bodyOf(request);
      if (read === 'too large') return refuse(413, `expected at most ${MAX_BODY_BYTES} bytes`);
      if (read === 'broken off') return refuse(400, 'the body ended early');
      body = read;
    } else request.resume();
    if (response.destroyed) return;
    response.socket?.setTimeout(question.waitMs + SILENCE_MARGIN_MS);
    const forwarding = new Forwarding(question, response, this.#limits, (status, why) =>
      refuse(status, `${question.peer} (${url}) ${why}`),
    );
    this.#open.set(request, forwarding);
    response.once('close', () => this.#open.delete(request));
    this.#send(question, request, response, { url: new URL(url), body, forwarding });
  }

  #send(
    question: PeerQuestion,
    request: IncomingMessage,
    response: ServerResponse,
    to: { readonly url: URL; readonly body: string; readonly forwarding: Forwarding },
  ): void {
    const bytes = Buffer.from(to.body);
    const headers = requestHeaders(request.headers, question, to.url.host);
    if (question.kind === 'order') headers['content-length'] = String(bytes.length);
    request.headers = headers;
    request.url = question.target;
    const host = to.url.hostname.replace(/^\[|\]$/g, '');
    try {
      this.#proxy.web(
        request,
        response,
        {
          target: { protocol: 'http:', host, port: Number(to.url.port || 80) },
          buffer: Readable.from(bytes.length === 0 ? [] : [bytes]),
        },
        (error) => to.forwarding.fail(502, `does not answer (${error.message})`),
      );
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      to.forwarding.fail(502, `cannot be asked (${reason})`);
    }
  }
}

/** The API answers in JSON, everything else in a line of text. */
function told({ target }: PeerQuestion, status: number, error: string): Answer {
  if (!target.startsWith('/_teal')) return refusal(status, error);
  return {
    ...refusal(status, error, { 'content-type': 'application/json' }),
    body: `${JSON.stringify({ error })}\n`,
  };
}
