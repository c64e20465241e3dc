// Buffers for what must be put together before it is written: one is filled, written, and used again.

/** As much as one read brings, with a head before it. */
const LENT_BYTES = 81_920;
/** Kept for the next write; memory of their size in the heap of the engine would be collected slowly. */
const MAX_SPARE_BUFFERS = 32;
const spareBuffers: Buffer[] = [];

/** A buffer of at least `bytes`; `giveBack` it when it has been written. */
export function lendBuffer(bytes: number): Buffer {
  return bytes > LENT_BYTES
    ? Buffer.allocUnsafe(bytes)
    : (spareBuffers.pop() ?? Buffer.allocUnsafeSlow(LENT_BYTES));
}

export function giveBack(buffer: Buffer): void {
  const isSpare = buffer.length === LENT_BYTES && spareBuffers.length < MAX_SPARE_BUFFERS;
  if (isSpare) spareBuffers.push(buffer);
}
