// Bytes of lines, written where they are sent from. No text is made of a line: most of what a line costs
// is making texts, joining them and clearing them away. What comes again and again is kept as bytes.

/** What is written as it is. */
export type Piece = Uint8Array;

const MINUS = 0x2d;
const ZERO = 0x30;
/** More digits than 2^31 has, and its sign. */
const MOST_DIGITS = 11;

export function pieceOf(text: string): Piece {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

export class LineBuffer {
  bytes: Buffer;
  length = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  byte(code: number): void {
    if (this.length === this.bytes.length) this.reserve(1);
    this.bytes[this.length] = code;
    this.length += 1;
  }

  put(piece: Piece): void {
    if (this.length + piece.length > this.bytes.length) this.reserve(piece.length);
    this.bytes.set(piece, this.length);
    this.length += piece.length;
  }

  /** An integer. */
  number(value: number): void {
    if (value > 0x7fffffff || value < -0x7fffffff) {
      this.put(pieceOf(String(value)));
      return;
    }
    this.reserve(MOST_DIGITS);
    const { bytes } = this;
    let rest = value;
    if (rest < 0) {
      bytes[this.length] = MINUS;
      this.length += 1;
      rest = -rest;
    }
    let at = this.length + digitsOf(rest);
    this.length = at;
    do {
      const tenth = (rest / 10) | 0;
      at -= 1;
      bytes[at] = ZERO + rest - tenth * 10;
      rest = tenth;
    } while (rest > 0);
  }

  /** Three digits of a number below a thousand. */
  millis(value: number): void {
    this.byte(ZERO + ((value / 100) | 0));
    this.byte(ZERO + (((value / 10) | 0) % 10));
    this.byte(ZERO + (value % 10));
  }

  /** Makes room for so many bytes more. */
  reserve(length: number): void {
    if (this.length + length <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.bytes.length, this.length + length));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let bound = 10; value >= bound; bound *= 10) digits += 1;
  return digits;
}
