// An answer of the admin server as data, and how it is written to a response.

import type { ServerResponse } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** True = no `date` and `connection` lines: an answer others compare byte for byte. */
  readonly bare?: boolean;
}

/** Nothing but the page's own style sheet, script, icon and form; never inside a foreign frame. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const NO_CACHE = { 'cache-control': 'no-cache' } as const;

export function page(body: string): Answer {
  return {
    status: 200,
    headers: {
      ...NO_CACHE,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': PAGE_POLICY,
      'x-frame-options': 'DENY',
    },
    body,
  };
}

export function plain(body: string): Answer {
  return { status: 200, headers: { ...NO_CACHE, 'content-type': 'text/plain' }, body };
}

export function json(body: string): Answer {
  return { status: 200, headers: { ...NO_CACHE, 'content-type': 'application/json' }, body };
}

/** Prometheus' text format. */
export function exposition(body: string): Answer {
  const type = 'text/plain; version=0.0.4; charset=utf-8';
  return { status: 200, headers: { ...NO_CACHE, 'content-type': type }, body };
}

/** `reason` is one clear line. */
export function refusal(
  status: number,
  reason: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: { ...NO_CACHE, 'content-type': 'text/plain; charset=utf-8', ...headers },
    body: `${reason}\n`,
  };
}

/** A text that belongs to this build: kept by browsers for a year, its URI changes with it. */
export function asset(contentType: string, body: string): Answer {
  return {
    status: 200,
    headers: { 'cache-control': 'max-age=31536000, immutable', 'content-type': contentType },
    body,
  };
}

/** A module of the page: looked at again with every page, so that an upgrade is never half seen. */
export function script(body: string): Answer {
  const type = 'text/javascript; charset=utf-8';
  return { status: 200, headers: { ...NO_CACHE, 'content-type': type }, body };
}

/** Writes an answer whole, without a body for HEAD. */
export function send(response: ServerResponse, answer: Answer, method: string | undefined): void {
  const body = Buffer.from(answer.body);
  response.statusCode = answer.status;
  response.setHeader('content-length', body.length);
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  if (answer.bare) {
    response.sendDate = false;
    response.removeHeader('connection');
  } else {
    response.setHeader('x-content-type-options', 'nosniff');
    // Not `no-referrer`: a form of the page would come without its origin, and orders need one.
    response.setHeader('referrer-policy', 'same-origin');
  }
  if (method === 'HEAD') response.end();
  else response.end(body);
}
