// Streams of requests with bodies, whole and damaged, and the pieces they arrive in. Every body reads
// as a request when its framing is lost.

import fc from 'fast-check';
import { mutated, mutations } from './head-arbitraries.ts';

const HIDDEN = 'GET /hidden HTTP/1.1\r\nHost: h\r\n\r\n';

const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH');

/** One request with a length; sometimes it says too little or too much. */
const lengthened = fc
  .tuple(method, fc.constantFrom(0, 0, 0, 0, -1, 1, 7), fc.constantFrom('', '0', ' '))
  .map(([verb, off, before]) => {
    const length = `Content-Length: ${before}${HIDDEN.length + off}`;
    return `${verb} /length HTTP/1.1\r\nHost: a\r\n${length}\r\n\r\n${HIDDEN}`;
  });

const extension = fc.constantFrom('', '', '', ';a', ';a=b', ';a="b;c"', ' ;a', ';a\n', ';a\r');
const lineEnd = fc.oneof(
  { weight: 20, arbitrary: fc.constant('\r\n') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('\n', '\r', '', '\r\r\n', ' \r\n', '\n\r\n', 'X\n', '\rX', '\n\n'),
  },
);
/** None of framing: Node refuses those, Teal drops them (test/hostile/requests.test.ts). */
const trailers = fc.constantFrom('', '', '', 'X-T: 1\r\n', 'X\r\n', ' X: 1\r\n');

const NO_SIZE = 'none';

function chunk(data: string): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.constantFrom('', '', '', '0', '000', '+', '0x', ' ', '-', NO_SIZE),
      extension,
      lineEnd,
      lineEnd,
    )
    .map(([before, ext, afterSize, afterData]) => {
      const digits = before === NO_SIZE ? '' : `${before}${data.length.toString(16)}`;
      const size = `${digits}${ext}${afterSize}`;
      return `${size}${data}${afterData}`;
    });
}

const chunked = fc
  .tuple(
    method,
    fc.constantFrom('chunked', 'chunked', 'chunked', 'Chunked', 'gzip, chunked', 'xchunked'),
    fc.tuple(chunk(HIDDEN), chunk('5\r\nab'), chunk('0\r\n\r\n')),
    fc.nat(3),
    fc.constantFrom('0', '0', '0', '00', '0;a', '0 '),
    lineEnd,
    trailers,
  )
  .map(([verb, encoding, chunks, count, last, afterLast, lines]) => {
    const head = `${verb} /chunks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ${encoding}\r\n\r\n`;
    return `${head}${chunks.slice(0, count).join('')}${last}${afterLast}${lines}\r\n`;
  });

const bare = method.map((verb) => `${verb} /bare HTTP/1.1\r\nHost: a\r\n\r\n`);

const both = method.map(
  (verb) =>
    `${verb} /both HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
);

const request = fc.oneof(
  { weight: 4, arbitrary: lengthened },
  { weight: 6, arbitrary: chunked },
  { weight: 2, arbitrary: bare },
  { weight: 1, arbitrary: both },
);

const CLOSING = 'GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';

/** A whole client connection's bytes, as latin1. */
export const streams = fc
  .tuple(
    fc.array(request, { minLength: 1, maxLength: 3 }),
    fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, mutations),
  )
  .map(([requests, changes]) => mutated(requests.join('') + CLOSING, changes));

/** Where a stream is cut into pieces: offsets, in any order, larger ones than the stream too. */
export const cuts = fc.array(fc.nat(400), { maxLength: 6 });

export function piecesOf(stream: string, at: readonly number[]): string[] {
  const places = [...new Set([0, ...at.filter((place) => place < stream.length)])].sort(
    (a, b) => a - b,
  );
  return places.map((place, i) => stream.slice(place, places[i + 1] ?? stream.length));
}
