// Where each app stands in the bytes of GET /v2/apps, so that a long answer can be read app by app: as a
// whole it would be several times its length in memory at once. Only brackets and strings are looked at;
// whether what stands between them is JSON, whoever parses it finds out.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;

/** Start and end, exclusive. */
export type Span = readonly [number, number];

/**
 * The spans of an answer `{"apps":[{…},{…}]}`, with or without white space. If each is an object of
 * JSON by itself, the answer is JSON and these are its apps. Null = it is written in another way.
 */
export function appSpans(body: Uint8Array): readonly Span[] | null {
  const text = new Scan(body);
  const opens =
    text.takes(OPEN_OBJECT) &&
    text.takesName('"apps"') &&
    text.takes(0x3a) &&
    text.takes(OPEN_LIST);
  if (!opens) return null;
  const spans: Span[] = [];
  if (!text.takes(CLOSE_LIST)) {
    do {
      const span = text.takeObject();
      if (span === null) return null;
      spans.push(span);
    } while (text.takes(COMMA));
    if (!text.takes(CLOSE_LIST)) return null;
  }
  return text.takes(CLOSE_OBJECT) && text.isAtEnd() ? spans : null;
}

class Scan {
  readonly #body: Uint8Array;
  #place = 0;

  constructor(body: Uint8Array) {
    this.#body = body;
  }

  isAtEnd(): boolean {
    this.#skipSpace();
    return this.#place === this.#body.length;
  }

  /** True, and it is passed, if this byte is the next one that is no white space. */
  takes(byte: number): boolean {
    this.#skipSpace();
    if (this.#body[this.#place] !== byte) return false;
    this.#place += 1;
    return true;
  }

  takesName(name: string): boolean {
    this.#skipSpace();
    for (let n = 0; n < name.length; n += 1) {
      if (this.#body[this.#place + n] !== name.charCodeAt(n)) return false;
    }
    this.#place += name.length;
    return true;
  }

  /** Up to the bracket that closes the first one; null = it is no object, or has no end. */
  takeObject(): Span | null {
    this.#skipSpace();
    const body = this.#body;
    const start = this.#place;
    if (body[start] !== OPEN_OBJECT) return null;
    let depth = 0;
    for (let place = start; place < body.length; place += 1) {
      const byte = body[place];
      if (byte === QUOTE) {
        place = this.#endOfString(place);
        if (place === -1) return null;
      } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        depth += 1;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        depth -= 1;
        if (depth > 0) continue;
        this.#place = place + 1;
        return [start, this.#place];
      }
    }
    return null;
  }

  /** The place of the quote that closes the one at `open`; -1 = none does. */
  #endOfString(open: number): number {
    let close = this.#body.indexOf(QUOTE, open + 1);
    while (close !== -1 && this.#isEscaped(close)) close = this.#body.indexOf(QUOTE, close + 1);
    return close;
  }

  #isEscaped(place: number): boolean {
    let before = place - 1;
    while (this.#body[before] === BACKSLASH) before -= 1;
    return (place - before) % 2 === 0;
  }

  #skipSpace(): void {
    for (;;) {
      const byte = this.#body[this.#place];
      // RFC 8259 §2.
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
      this.#place += 1;
    }
  }
}
