// Compresses a body on its way to the client, chunk-encoded, piece by piece: what a server has sent
// does not wait for what comes later. Bounded both ways: its input says when it is full, its output
// stops while the client does not read.

import { constants, createDeflate, createGzip, type Deflate, type Gzip } from 'node:zlib';
import type { Wire } from '../wire.ts';
import type { BodySink } from './flow.ts';

export interface CompressorOwner {
  /** So many bytes were written to the client: `made` of `taken` bytes of the body, and their framing. */
  compressed(written: number, taken: number, made: number): void;
  /** Everything was. */
  compressedAll(): void;
  /** More can be taken. */
  compressorDrained(): void;
}

/** zlib's fastest: HAProxy's default, too. */
const LEVEL = 1;
const FULL_BYTES = 131_072;

export class Compressor implements BodySink {
  readonly #stream: Gzip | Deflate;
  #taken = 0;

  constructor(algorithm: 'gzip' | 'deflate', wire: Wire, owner: CompressorOwner) {
    const options = { level: LEVEL, flush: constants.Z_SYNC_FLUSH };
    const stream = algorithm === 'gzip' ? createGzip(options) : createDeflate(options);
    this.#stream = stream;
    stream.on('data', (piece: Buffer) => {
      const size = `${piece.length.toString(16)}\r\n`;
      const out = wire.lend(size.length + piece.length + 2);
      let at = out.write(size, 0, 'latin1');
      at += piece.copy(out, at);
      at += out.write('\r\n', at, 'latin1');
      wire.writeLent(out, at);
      owner.compressed(at, this.#takenSince(), piece.length);
    });
    stream.on('end', () => {
      wire.writeText('0\r\n\r\n');
      owner.compressed(5, this.#takenSince(), 0);
      owner.compressedAll();
    });
    stream.on('drain', () => owner.compressorDrained());
  }

  #takenSince(): number {
    const before = this.#taken;
    this.#taken = this.#stream.bytesWritten;
    return this.#taken - before;
  }

  /** It has more to do than should wait. */
  get full(): boolean {
    return this.#stream.writableLength > FULL_BYTES;
  }

  writeText(text: string): void {
    this.#stream.write(Buffer.from(text, 'latin1'));
  }

  lend(bytes: number): Buffer {
    return Buffer.allocUnsafe(bytes);
  }

  writeLent(buffer: Buffer, bytes: number): void {
    this.#stream.write(buffer.subarray(0, bytes));
  }

  /** The body is whole. */
  end(): void {
    this.#stream.end();
  }

  /** Writes nothing until `resume`. */
  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** Nothing of it is wanted any more; its owner hears nothing more. */
  destroy(): void {
    this.#stream.removeAllListeners('data');
    this.#stream.removeAllListeners('end');
    this.#stream.removeAllListeners('drain');
    this.#stream.destroy();
  }
}
