// Which name a client asks for, read from the first bytes it sends: the server_name extension of a
// ClientHello (RFC 8446 §4.1.2, RFC 6066 §3). As strict as OpenSSL, to which the same bytes go next:
// what the two could read differently is a fault here.

export type ClientHello =
  /** Not whole yet. */
  | { readonly kind: 'more' }
  /** No TLS at all. */
  | { readonly kind: 'plain' }
  | { readonly kind: 'fault'; readonly fault: string }
  /** Lower-cased; empty when the client asks for none. */
  | { readonly kind: 'hello'; readonly name: string };

/** Those of browsers with keys for the time after quantum computers are of 2,000 bytes. */
export const MAX_HELLO_BYTES = 16_384;

const RECORD_HEAD_BYTES = 5;
const MAX_RECORD_BYTES = 16_384;
const HANDSHAKE_RECORD = 22;
const MESSAGE_HEAD_BYTES = 4;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const HOST_NAME = 0;
const MAX_NAME_BYTES = 255;
/** What host names are made of, and what else some are; never what a log or a comparison could take amiss. */
const NAME = /^[0-9A-Za-z._*-]+$/;

const MORE: ClientHello = Object.freeze({ kind: 'more' });
const PLAIN: ClientHello = Object.freeze({ kind: 'plain' });
const MALFORMED = fault('its ClientHello is malformed');

/** `bytes` are all that the connection has brought so far. */
export function readClientHello(bytes: Buffer): ClientHello {
  const pieces: Buffer[] = [];
  let length = 0;
  let wanted = MESSAGE_HEAD_BYTES;
  // A message may be cut into any number of records.
  for (let at = 0; length < wanted; ) {
    if (at < bytes.length && bytes[at] !== HANDSHAKE_RECORD) {
      return at === 0 && !mayBeSsl2(bytes) ? PLAIN : MALFORMED;
    }
    if (at + RECORD_HEAD_BYTES > bytes.length) return unfinished(bytes);
    const size = bytes.readUInt16BE(at + 3);
    if (bytes[at + 1] !== 3 || size === 0 || size > MAX_RECORD_BYTES) return MALFORMED;
    at += RECORD_HEAD_BYTES;
    const piece = bytes.subarray(at, at + size);
    pieces.push(piece);
    at += size;
    length += piece.length;
    if (wanted === MESSAGE_HEAD_BYTES && length >= wanted) {
      const head = Buffer.concat(pieces);
      if (head[0] !== CLIENT_HELLO) return MALFORMED;
      wanted += head.readUIntBE(1, 3);
      if (wanted > MAX_HELLO_BYTES) return MALFORMED;
    }
  }
  return nameOf(Buffer.concat(pieces).subarray(MESSAGE_HEAD_BYTES, wanted));
}

/** OpenSSL still understands such a hello. */
function mayBeSsl2(bytes: Buffer): boolean {
  return (bytes[0] as number) >= 0x80;
}

function unfinished(bytes: Buffer): ClientHello {
  return bytes.length < MAX_HELLO_BYTES ? MORE : MALFORMED;
}

function nameOf(body: Buffer): ClientHello {
  const hello = new Span(body);
  hello.skip(2 + 32);
  hello.skip(hello.number(1));
  hello.skip(hello.number(2));
  hello.skip(hello.number(1));
  // SSL 3.0 and the first clients of TLS end here.
  if (hello.isEmpty) return hello.isBroken ? MALFORMED : { kind: 'hello', name: '' };
  const extensions = hello.span(2);
  let name: string | null = null;
  while (!extensions.isEmpty) {
    const type = extensions.number(2);
    const extension = extensions.span(2);
    if (type !== SERVER_NAME || extensions.isBroken) continue;
    if (name !== null) return MALFORMED;
    name = hostNameIn(extension);
    if (name === null) return fault('the name it asks for is malformed');
  }
  if (!hello.isEmpty || hello.isBroken || extensions.isBroken) return MALFORMED;
  return { kind: 'hello', name: name ?? '' };
}

/** A list of exactly one name, as OpenSSL has it. */
function hostNameIn(extension: Span): string | null {
  const list = extension.span(2);
  const type = list.number(1);
  const name = list.span(2).text();
  const whole = extension.isEmpty && list.isEmpty && !extension.isBroken && !list.isBroken;
  if (!whole || type !== HOST_NAME || name.length > MAX_NAME_BYTES || !NAME.test(name)) return null;
  return name.toLowerCase();
}

/** Bytes that are read one field after the other; past the end it is broken, and empty. */
class Span {
  isBroken = false;
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isEmpty(): boolean {
    return this.#at >= this.#bytes.length;
  }

  number(size: 1 | 2): number {
    const at = this.#at;
    this.skip(size);
    return this.isBroken ? 0 : this.#bytes.readUIntBE(at, size);
  }

  /** With a number of this size in front that is its length. */
  span(size: 1 | 2): Span {
    const length = this.number(size);
    const at = this.#at;
    this.skip(length);
    return new Span(this.isBroken ? EMPTY : this.#bytes.subarray(at, at + length));
  }

  text(): string {
    return this.#bytes.toString('latin1');
  }

  skip(length: number): void {
    if (length > this.#bytes.length - this.#at) {
      this.isBroken = true;
      this.#at = this.#bytes.length;
    } else {
      this.#at += length;
    }
  }
}

const EMPTY = Buffer.alloc(0);

function fault(text: string): ClientHello {
  return { kind: 'fault', fault: text };
}
