// Which process has a port, for the one line that says why Teal cannot start. A hint, never more: it
// reads /proc as far as this user may and gives up silently and soon.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** States in /proc/net: a TCP listener, an unconnected UDP socket. */
const OPEN_STATE = { tcp: '0A', udp: '07' } as const;
/** A machine with more open files than this is not searched to the end. */
const MAX_DESCRIPTORS = 50_000;

/** For example `haproxy (pid 4711)`; null where unknown: not Linux, another user's process, nobody. */
export function portOwner(port: number, protocol: 'tcp' | 'udp' = 'tcp'): string | null {
  const sockets = new Set(
    [`/proc/net/${protocol}`, `/proc/net/${protocol}6`].flatMap((table) =>
      inodesOf(table, port, OPEN_STATE[protocol]),
    ),
  );
  if (sockets.size === 0) return null;
  let descriptors = 0;
  for (const pid of pids()) {
    for (const name of list(`/proc/${pid}/fd`)) {
      descriptors += 1;
      if (descriptors > MAX_DESCRIPTORS) return null;
      const inode = /^socket:\[(\d+)\]$/.exec(link(`/proc/${pid}/fd/${name}`))?.[1];
      if (inode !== undefined && sockets.has(inode)) return `${programOf(pid)} (pid ${pid})`;
    }
  }
  return null;
}

/** Inodes of the sockets with that local port and state: columns 2, 4 and 10 of the table. */
function inodesOf(table: string, port: number, state: string): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return read(table)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(suffix) === true && columns[3] === state)
    .map((columns) => columns[9] ?? '')
    .filter((inode) => inode !== '' && inode !== '0');
}

/** Oldest first as a rule: a parent comes before the workers that inherited its listener. */
function pids(): string[] {
  return list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .sort((a, b) => Number(a) - Number(b));
}

/** Name of the program file; the process' own name where that may not be read. */
function programOf(pid: string): string {
  const program = basename(link(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, ''));
  return program === '' ? read(`/proc/${pid}/comm`).trim() || 'a process' : program;
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
