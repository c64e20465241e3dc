// Request and response heads for property tests: sound ones, nearly sound ones, and noise.

import fc from 'fast-check';

const CRLF = '\r\n';
const END = '\r\n\r\n';

function chars(alphabet: string, minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc
    .array(fc.constantFrom(...alphabet), { minLength, maxLength })
    .map((list) => list.join(''));
}

const LETTERS = 'abcXYZ-09';
const TOKEN = "!#$%&'*+-.^_`|~09azAZ";
const URI = '/ab.%2e~-_?=&;:@!$\'()*+,[]"<>\\^`{|}';
/** What a value may hold, some of it seldom seen. */
const VALUE = 'abZ09 \t,;:="()<>@/\\?{}-_\x80\xa0\xe9\xff';

const value = chars(VALUE, 0, 12);

const target = fc.oneof(
  chars(URI, 0, 20).map((rest) => `/${rest}`),
  fc.constantFrom('*', 'http://a', 'http://a/b?c', 'HTTPS://A:443/', 'http://a?b', 'a:80', 'a'),
);

const version = fc.oneof(
  { weight: 12, arbitrary: fc.constant('HTTP/1.1') },
  { weight: 2, arbitrary: fc.constant('HTTP/1.0') },
  { weight: 1, arbitrary: fc.constantFrom('HTTP/1.2', 'HTTP/2.0', 'HTTP/0.9', 'http/1.1', '') },
);

const method = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'),
  },
  { weight: 1, arbitrary: fc.constantFrom('PROPFIND', 'PURGE', 'XFOO', 'CONNECT', 'TRACE') },
  { weight: 1, arbitrary: chars(TOKEN, 1, 6) },
);

const length = fc.oneof(
  fc.integer({ min: 0, max: 30 }).map(String),
  fc.constantFrom('007', '+1', '-1', '', '1, 1', '0x1', '1 ', '\t2', '1e1', '1;', '99999999999'),
);

const encoding = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('chunked', 'Chunked', 'CHUNKED') },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      'gzip',
      'gzip, chunked',
      'chunked, chunked',
      'identity',
      'xchunked',
      'chunked;a',
      ',chunked',
      'chunked,',
      '"chunked"',
      '',
      'chunked\xa0',
    ),
  },
);

const options = fc
  .array(
    fc.constantFrom(
      'close',
      'keep-alive',
      'Upgrade',
      'TE',
      'X-Hop',
      'Host',
      'Content-Length',
      'Transfer-Encoding',
      'X-Forwarded-For',
      'Cookie',
      '',
    ),
    { maxLength: 3 },
  )
  .map((list) => list.join(', '));

function named(name: string | fc.Arbitrary<string>, of: fc.Arbitrary<string>) {
  const names = typeof name === 'string' ? fc.constantFrom(name, name.toLowerCase()) : name;
  return fc
    .tuple(names, fc.constantFrom(':', ': ', ':\t', ':  '), of, fc.constantFrom('', ' '))
    .map((parts) => parts.join(''));
}

const plain = named(chars(LETTERS, 1, 8), value);

const requestField = fc.oneof(
  { weight: 6, arbitrary: plain },
  { weight: 2, arbitrary: named('Content-Length', length) },
  { weight: 2, arbitrary: named('Transfer-Encoding', encoding) },
  { weight: 2, arbitrary: named('Connection', options) },
  {
    weight: 1,
    arbitrary: named('Upgrade', fc.constantFrom('websocket', 'h2c', 'foo/1, h2c', 'x y', '')),
  },
  { weight: 1, arbitrary: named('TE', fc.constantFrom('trailers', 'gzip', 'gzip, trailers', '')) },
  { weight: 1, arbitrary: named('X-Forwarded-For', fc.constantFrom('', '1.1.1.1', 'a, b')) },
  { weight: 1, arbitrary: named('Trailer', fc.constant('X-Sum')) },
  { weight: 1, arbitrary: named('Expect', fc.constantFrom('100-continue', 'x')) },
  { weight: 1, arbitrary: named('X-Marathon-App-Id', fc.constantFrom('/a', '/b')) },
  {
    weight: 1,
    arbitrary: named(
      fc.constantFrom('Content_Length', 'Keep-Alive', 'X-Hop', 'Cookie', 'Host', 'X_Forwarded_For'),
      value,
    ),
  },
);

const host = fc.constantFrom(
  'Host: a',
  'Host: a',
  'Host: a',
  'host:A.b.:80',
  'Host: [::1]:8080',
  'Host:',
  'Host: u@a',
  'X: no host',
);

const requestLines = fc
  .tuple(method, target, version, host, fc.array(requestField, { maxLength: 6 }), fc.nat(6))
  .map(([verb, where, spoken, hostLine, fields, place]) => [
    `${verb} ${where} ${spoken}`,
    ...fields.slice(0, place),
    hostLine,
    ...fields.slice(place),
  ]);

const responseField = fc.oneof(
  { weight: 6, arbitrary: plain },
  { weight: 2, arbitrary: named('Content-Length', length) },
  { weight: 2, arbitrary: named('Transfer-Encoding', encoding) },
  { weight: 2, arbitrary: named('Connection', options) },
  { weight: 1, arbitrary: named('Upgrade', fc.constantFrom('websocket', 'h2c', 'foo/1, h2c')) },
  { weight: 1, arbitrary: named('Set-Cookie', value) },
  { weight: 1, arbitrary: named('Trailer', fc.constant('X-Sum')) },
  { weight: 1, arbitrary: named('Keep-Alive', fc.constant('timeout=5')) },
);

const responseLines = fc
  .tuple(
    fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2'),
    fc.oneof(fc.constantFrom(100, 101, 103, 200, 204, 206, 304, 404, 426, 503), fc.nat(700)),
    fc.oneof(
      fc.constantFrom(' OK', ' ', ''),
      value.map((text) => ` ${text}`),
    ),
    fc.array(responseField, { maxLength: 6 }),
  )
  .map(([spoken, status, reason, fields]) => [`${spoken} ${status}${reason}`, ...fields]);

const NASTY = [
  '\0',
  '\t',
  '\n',
  '\r',
  '\r\n',
  '\r\n ',
  ' ',
  ':',
  ',',
  ';',
  '#',
  '0',
  '_',
  '\x0b',
  '\x0c',
  '\x7f',
  '\x85',
  '\xa0',
  '\xff',
];

export interface Mutation {
  readonly at: number;
  readonly cut: number;
  readonly put: string;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.oneof(fc.nat(30), fc.nat(200)),
  cut: fc.constantFrom(0, 0, 1, 1, 2),
  put: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...NASTY) }, fc.constant('')),
});

/** One to three changes of a text. */
export const mutations = fc.array(mutation, { minLength: 1, maxLength: 3 });

export function mutated(text: string, changes: readonly Mutation[]): string {
  let out = text;
  for (const { at, cut, put } of changes) {
    const place = at % out.length;
    out = out.slice(0, place) + put + out.slice(place + cut);
  }
  return out;
}

/** As a relay finds a head in a stream: up to the first empty line. */
function headOf(text: string): string {
  const whole = text + END;
  return whole.slice(0, whole.indexOf(END) + END.length);
}

function headsOf(lines: fc.Arbitrary<string[]>): fc.Arbitrary<string> {
  const text = lines.map((list) => list.join(CRLF));
  return fc
    .oneof(
      { weight: 3, arbitrary: text },
      {
        weight: 2,
        arbitrary: fc
          .tuple(text, fc.array(mutation, { minLength: 1, maxLength: 3 }))
          .map(([sound, changes]) => mutated(sound, changes)),
      },
    )
    .map(headOf);
}

export const requestHeads = headsOf(requestLines);
export const responseHeads = headsOf(responseLines);

/** Any bytes at all, as latin1. */
export const noise = fc
  .uint8Array({ maxLength: 200 })
  .map((bytes) => headOf(Buffer.from(bytes).toString('latin1')));
