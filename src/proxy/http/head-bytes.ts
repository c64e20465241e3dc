// A head in both of its forms: text, to take parts out of, and the bytes it was read from, to look
// through. Going through a string by its characters costs about five times as much.

const CR = 0x0d;
const LF = 0x0a;

/** The bytes of `text`, which is latin1. */
export function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

/** Bytes whose text is wanted: the method Node's `toString` comes down to, without its choice of encodings. */
interface Latin1 {
  latin1Slice(from: number, to: number): string;
}

/** The text of `bytes[from, to)`. */
export function latin1(bytes: Buffer, from: number, to: number): string {
  return (bytes as Buffer & Latin1).latin1Slice(from, to);
}

/** Place of the first CRLF in `bytes` from `from` on; one must be there. */
export function endOfLine(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] !== CR || bytes[at + 1] !== LF) at += 1;
  return at;
}

/** Where the head in `bytes[from, to)` ends, its empty line included; -1 = not yet. */
export function endOfHead(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from + 3; at < to; at += 1) {
    if (bytes[at] === LF && bytes[at - 1] === CR && bytes[at - 2] === LF && bytes[at - 3] === CR) {
      return at + 1;
    }
  }
  return -1;
}
