// Who may talk to this Marathon. It runs commands, so a web page must not be able to reach it through a browser:
// neither by a request of its own (Origin, content type) nor by a name of its own that resolves to us (Host).

import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from './api-error.ts';

const LOOPBACK = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?$/i;
const ORIGIN = /^https?:\/\/(.*)$/i;
const JSON_TYPE = /^application\/json\s*(;.*)?$/i;

export function isLoopbackHost(host: string): boolean {
  return LOOPBACK.test(host);
}

export function isLoopbackOrigin(origin: string): boolean {
  return isLoopbackHost(ORIGIN.exec(origin)?.[1] ?? '');
}

/** Throws the 403 for a foreign Host or Origin; an absent one (HTTP/1.0, curl) cannot come from a page. */
export function refuseForeign({ host, origin }: IncomingHttpHeaders): void {
  if (host !== undefined && !isLoopbackHost(host)) {
    throw new ApiError(403, `Host '${host}' is refused: this Marathon answers to localhost only`);
  }
  if (origin !== undefined && !isLoopbackOrigin(origin)) {
    throw new ApiError(
      403,
      `Origin '${origin}' is refused: this Marathon answers to localhost only`,
    );
  }
}

/** Throws the 415 unless the body is said to be JSON: the one type no form and no simple request can send. */
export function refuseOtherThanJson(headers: IncomingHttpHeaders): void {
  if (!JSON_TYPE.test(headers['content-type'] ?? ''))
    throw new ApiError(415, 'Unsupported Media Type');
}
