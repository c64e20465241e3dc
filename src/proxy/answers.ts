// Answers the balancer makes itself, to the byte as HAProxy 2.6 words them: some clients and many
// dashboards know these texts.

import { STATUS_CODES } from 'node:http';

interface Answer {
  readonly reason: string;
  readonly text: string;
}

const ANSWERS: Readonly<Record<number, Answer>> = {
  400: { reason: 'Bad request', text: 'Your browser sent an invalid request.' },
  401: {
    reason: 'Unauthorized',
    text: 'You need a valid user and password to access this content.',
  },
  403: { reason: 'Forbidden', text: 'Request forbidden by administrative rules.' },
  404: { reason: 'Not Found', text: 'The resource could not be found.' },
  405: { reason: 'Method Not Allowed', text: 'This method is not allowed here.' },
  408: {
    reason: 'Request Time-out',
    text: "Your browser didn't send a complete request in time.",
  },
  414: { reason: 'URI Too Long', text: 'Your browser sent a request line that is too long.' },
  417: { reason: 'Expectation Failed', text: 'The expectation of this request cannot be met.' },
  429: {
    reason: 'Too Many Requests',
    text: 'You have sent too many requests in a given amount of time.',
  },
  431: {
    reason: 'Request Header Fields Too Large',
    text: 'Your browser sent header fields that are too large.',
  },
  500: { reason: 'Internal Server Error', text: 'An internal server error occurred.' },
  501: { reason: 'Not Implemented', text: 'This request asks for something unknown.' },
  502: {
    reason: 'Bad Gateway',
    text: 'The server returned an invalid or incomplete response.',
  },
  503: {
    reason: 'Service Unavailable',
    text: 'No server is available to handle this request.',
  },
  504: { reason: 'Gateway Time-out', text: "The server didn't respond in time." },
  505: {
    reason: 'HTTP Version Not Supported',
    text: 'Your browser speaks a version that is not supported.',
  },
};

function wordsFor(status: number): Answer {
  const text = 'This request is not served.';
  return ANSWERS[status] ?? { reason: STATUS_CODES[status] ?? 'Unknown', text };
}

/** The reason phrase of any status. */
export function reasonOf(status: number): string {
  return wordsFor(status).reason;
}

/**
 * A whole response. `connection` is a whole line or empty; `withBody` is false for HEAD, whose
 * answer keeps the length.
 */
export function answerOf(status: number, connection: string, withBody: boolean): string {
  const { reason, text } = wordsFor(status);
  const body = `<html><body><h1>${status} ${reason}</h1>\n${text}\n</body></html>\n`;
  return `HTTP/1.1 ${status} ${reason}\r\ncontent-length: ${body.length}\r\ncache-control: no-cache\r\ncontent-type: text/html\r\n${connection}\r\n${withBody ? body : ''}`;
}

/** The same with a body of one's own; `lines` are whole lines. `body` is latin1 text. */
export function customAnswerOf(
  status: number,
  lines: string,
  body: string,
  withBody: boolean,
): string {
  return `HTTP/1.1 ${status} ${reasonOf(status)}\r\ncontent-length: ${body.length}\r\n${lines}\r\n${withBody ? body : ''}`;
}

/**
 * The answer to a request that could not be read: HAProxy's parser spells the names with capitals.
 * Its connection is always closed.
 */
export function refusalOf(status: number): string {
  const { reason, text } = wordsFor(status);
  const body = `<html><body><h1>${status} ${reason}</h1>\n${text}\n</body></html>\n`;
  return `HTTP/1.1 ${status} ${reason}\r\nContent-length: ${body.length}\r\nCache-Control: no-cache\r\nConnection: close\r\nContent-Type: text/html\r\n\r\n${body}`;
}
