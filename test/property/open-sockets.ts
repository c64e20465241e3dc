// Descriptors of this process, to see what was left open.

import { readdirSync, readlinkSync } from 'node:fs';

/** Sockets open now; 0 where /proc does not tell. */
export function openSockets(): number {
  try {
    return readdirSync('/proc/self/fd').filter(isSocket).length;
  } catch {
    return 0;
  }
}

function isSocket(fd: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
  } catch {
    return false;
  }
}
