// Many bytes whose order can be checked.

import { createHash, randomBytes } from 'node:crypto';

export const MIB = 1_048_576;

/** Random bytes: a piece lost, doubled or moved shows in the digest. */
export function bulk(bytes: number): Buffer {
  return randomBytes(bytes);
}

export function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** `bytes` as chunks of odd sizes, with the last chunk. */
export function asChunks(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  let size = 1;
  for (let at = 0; at < bytes.length; at += size) {
    size = 1 + ((at * 7_919 + 13) % 40_000);
    const piece = bytes.subarray(at, at + size);
    parts.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
    size = piece.length;
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}
