// Reads a block of header fields strictly (RFC 9112 §5) and tells the ones a relay must know from the
// rest. One reader per worker, used again for every message: it allocates nothing per field. It goes
// through bytes; the offsets it tells are those of the head's text, which begins at `base` among them.

import { bytesOf } from './head-bytes.ts';

/** What is wrong with a message head; the texts end up in counters and tests, never at a client. */
export type HeadFault =
  | 'bare-line-feed'
  | 'bare-carriage-return'
  | 'control-character'
  | 'no-colon'
  | 'space-before-colon'
  | 'folded-line'
  | 'bad-name'
  | 'too-many-fields'
  | 'bad-request-line'
  | 'bad-method'
  | 'bad-target'
  | 'bad-version'
  | 'no-host'
  | 'two-hosts'
  | 'bad-host'
  | 'host-against-target'
  | 'bad-length'
  | 'two-lengths'
  | 'length-and-encoding'
  | 'bad-encoding'
  | 'two-encodings'
  | 'unknown-encoding'
  | 'encoding-in-1.0'
  | 'unknown-expectation'
  | 'method-refused'
  | 'two-app-ids'
  | 'bad-status-line'
  | 'bad-upgrade';

/** Fields a relay acts on. `other` is forwarded as it came. */
export const FIELD = {
  other: 0,
  host: 1,
  connection: 2,
  contentLength: 3,
  transferEncoding: 4,
  upgrade: 5,
  te: 6,
  expect: 7,
  xForwardedFor: 8,
  xForwardedPort: 9,
  xForwardedProto: 10,
  /** Hop-by-hop, dropped without being read: Keep-Alive, Proxy-Connection, HTTP2-Settings … */
  hopByHop: 11,
  marathonAppId: 12,
  trailer: 13,
} as const;

/** 1 for the characters of a token (RFC 9110 §5.6.2), 2 for the underscore (a token character too). */
const TOKEN = new Uint8Array(256);
for (const c of "!#$%&'*+-.^`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
  TOKEN[c.charCodeAt(0)] = 1;
}
TOKEN[0x5f] = 2;

/** True if `code` may stand in a token; false for NaN, the code past a text's end. */
export function isTokenCode(code: number): boolean {
  return (TOKEN[code] ?? 0) !== 0;
}

/** True if `text[from, to)` equals `lower` whatever its case; `text` must hold token characters there. */
export function equalsIgnoringCase(text: string, from: number, to: number, lower: string): boolean {
  if (to - from !== lower.length) return false;
  for (let i = 0; i < lower.length; i += 1) {
    const code = text.charCodeAt(from + i);
    const folded = code >= 0x41 && code <= 0x5a ? code | 0x20 : code;
    if (folded !== lower.charCodeAt(i)) return false;
  }
  return true;
}

interface Known {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly kind: number;
}

/** Names by length, so that most fields are told apart by one lookup. */
const KNOWN: readonly (readonly Known[])[] = (() => {
  // `other` stands where only the form with underscores must be told apart.
  const names: readonly (readonly [string, number])[] = [
    ['te', FIELD.te],
    ['host', FIELD.host],
    ['expect', FIELD.expect],
    ['upgrade', FIELD.upgrade],
    ['trailer', FIELD.trailer],
    ['x-real-ip', FIELD.other],
    ['connection', FIELD.connection],
    ['keep-alive', FIELD.hopByHop],
    ['content-length', FIELD.contentLength],
    ['http2-settings', FIELD.hopByHop],
    ['x-forwarded-for', FIELD.xForwardedFor],
    ['proxy-connection', FIELD.hopByHop],
    ['x-forwarded-host', FIELD.other],
    ['x-forwarded-port', FIELD.xForwardedPort],
    ['transfer-encoding', FIELD.transferEncoding],
    ['x-forwarded-proto', FIELD.xForwardedProto],
    ['x-marathon-app-id', FIELD.marathonAppId],
    ['proxy-authenticate', FIELD.hopByHop],
    ['proxy-authorization', FIELD.hopByHop],
  ];
  const byLength: Known[][] = Array.from({ length: 20 }, () => []);
  for (const [name, kind] of names)
    byLength[name.length]?.push({ name, bytes: bytesOf(name), kind });
  return byLength;
})();

/** `bytes[from, to)` are token characters. */
function kindOf(bytes: Uint8Array, from: number, to: number, hasUnderscore: boolean): number {
  const candidates = KNOWN[to - from];
  if (candidates === undefined || candidates.length === 0) return FIELD.other;
  if (hasUnderscore) return kindOfUnderscored(bytes.subarray(from, to), candidates);
  for (let i = 0; i < candidates.length; i += 1) {
    const known = candidates[i] as Known;
    if (isNamedSo(bytes, from, known.bytes)) return known.kind;
  }
  return FIELD.other;
}

/** Letters differ from their capitals by one bit, which the rest of a known name has set. */
function isNamedSo(bytes: Uint8Array, from: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i += 1) {
    if (((bytes[from + i] as number) | 0x20) !== name[i]) return false;
  }
  return true;
}

/**
 * `Content_Length` and its like: many servers read `_` as `-`, so a field that would mean framing or
 * forwarding there is dropped.
 */
function kindOfUnderscored(bytes: Uint8Array, candidates: readonly Known[]): number {
  const dashed = String.fromCharCode(...bytes)
    .replaceAll('_', '-')
    .toLowerCase();
  return candidates.some(({ name }) => name === dashed) ? FIELD.hopByHop : FIELD.other;
}

/** Most fields any message may have, however large `maxHeadFields` is. */
export const FIELD_CAPACITY = 1_000;

/** The fields of one head, as offsets into its text. */
export class Fields {
  count = 0;
  readonly kinds = new Uint8Array(FIELD_CAPACITY);
  /** First character of the line. */
  readonly lineStarts = new Int32Array(FIELD_CAPACITY + 1);
  readonly nameEnds = new Int32Array(FIELD_CAPACITY);
  /** Value without white space around it. */
  readonly valueStarts = new Int32Array(FIELD_CAPACITY);
  readonly valueEnds = new Int32Array(FIELD_CAPACITY);

  /**
   * Reads the lines of a head that begins at `bytes[base]`, from its place `from` up to `end`, that of
   * the empty line's CRLF, which must be there: every loop ends at it. Returns null, or what is wrong.
   */
  read(
    bytes: Uint8Array,
    base: number,
    from: number,
    end: number,
    maxFields: number,
  ): HeadFault | null {
    const most = Math.min(maxFields, FIELD_CAPACITY);
    const until = base + end;
    let at = base + from;
    let count = 0;
    while (at < until) {
      if (count >= most) return 'too-many-fields';
      this.lineStarts[count] = at - base;
      let underscore = false;
      let code = bytes[at] as number;
      const nameStart = at;
      while (code !== 0x3a) {
        const token = TOKEN[code];
        if (token === 0 || token === undefined) return nameFault(code, at === nameStart);
        if (token === 2) underscore = true;
        at += 1;
        if (at >= until) return 'no-colon';
        code = bytes[at] as number;
      }
      if (at === nameStart) return 'bad-name';
      this.nameEnds[count] = at - base;
      this.kinds[count] = kindOf(bytes, nameStart, at, underscore);
      at += 1;
      code = bytes[at] as number;
      while (code === 0x20 || code === 0x09) {
        at += 1;
        code = bytes[at] as number;
      }
      const valueStart = at;
      this.valueStarts[count] = at - base;
      while (code !== 0x0d) {
        if ((code < 0x20 && code !== 0x09) || code === 0x7f) {
          return code === 0x0a ? 'bare-line-feed' : 'control-character';
        }
        at += 1;
        code = bytes[at] as number;
      }
      if (bytes[at + 1] !== 0x0a) return 'bare-carriage-return';
      this.valueEnds[count] = trimmedEnd(bytes, valueStart, at) - base;
      at += 2;
      count += 1;
    }
    this.lineStarts[count] = at - base;
    this.count = count;
    return null;
  }

  /** Text of the value of field `i`. */
  value(head: string, i: number): string {
    return head.slice(this.valueStarts[i], this.valueEnds[i]);
  }

  /** True if the name of field `i` is `lower`. */
  isNamed(head: string, i: number, lower: string): boolean {
    return equalsIgnoringCase(
      head,
      this.lineStarts[i] as number,
      this.nameEnds[i] as number,
      lower,
    );
  }
}

function nameFault(code: number, first: boolean): HeadFault {
  if (code === 0x20 || code === 0x09) return first ? 'folded-line' : 'space-before-colon';
  if (code === 0x0a) return 'bare-line-feed';
  if (code === 0x0d) return 'no-colon';
  return 'bad-name';
}

function trimmedEnd(bytes: Uint8Array, from: number, to: number): number {
  let end = to;
  while (end > from) {
    const code = bytes[end - 1];
    if (code !== 0x20 && code !== 0x09) break;
    end -= 1;
  }
  return end;
}

/** A petabyte less one: exact as a number; anything longer is refused as malformed. */
const MAX_LENGTH_DIGITS = 15;

/** Reads `1*DIGIT`; -1 if it is anything else or absurdly large. */
export function readLength(head: string, from: number, to: number): number {
  if (to <= from || to - from > MAX_LENGTH_DIGITS) return -1;
  let value = 0;
  for (let i = from; i < to; i += 1) {
    const digit = head.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/**
 * True if field `i`, a sound Content-Length, is written as every server reads it: without needless
 * zeros and without white space but one space before (Node refuses a tab behind).
 */
export function isCanonicalLength(head: string, fields: Fields, i: number): boolean {
  const from = fields.valueStarts[i] as number;
  const to = fields.valueEnds[i] as number;
  const before = from - (fields.nameEnds[i] as number);
  const isBare = before === 1 || (before === 2 && head.charCodeAt(from - 1) === 0x20);
  const endsLine = to + 2 === (fields.lineStarts[i + 1] as number);
  return isBare && endsLine && (head.charCodeAt(from) !== 0x30 || to - from === 1);
}
