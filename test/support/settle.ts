// Waits for a number to stop growing, or for a condition: for what the kernel does and tells nobody.

import { setTimeout as after } from 'node:timers/promises';

const POLL_MS = 25;
const PATIENCE_MS = 8_000;

/** Resolves with the value once it stayed the same for a quarter of a second. */
export async function settled(read: () => number): Promise<number> {
  let value = read();
  let same = 0;
  for (let waitedMs = 0; same < 10; waitedMs += POLL_MS) {
    if (waitedMs > PATIENCE_MS) throw new Error(`still changing after ${PATIENCE_MS} ms: ${value}`);
    await after(POLL_MS);
    const next = read();
    same = next === value ? same + 1 : 0;
    value = next;
  }
  return value;
}

/** Resolves once `met` holds. */
export async function until(met: () => boolean, what: string): Promise<void> {
  for (let waitedMs = 0; !met(); waitedMs += POLL_MS) {
    if (waitedMs > PATIENCE_MS) throw new Error(`not within ${PATIENCE_MS} ms: ${what}`);
    await after(POLL_MS);
  }
}
