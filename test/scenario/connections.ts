// Whose connections there are, from /proc: which clients a process holds at this moment.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Ports of the clients that are connected to `address:port` and whose connection `pid` holds. */
export function clientPortsOf(pid: number, address: string, port: number): ReadonlySet<number> {
  const held = new Set(socketsOf(pid));
  const local = `${hexOf(address)}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const ports = new Set<number>();
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)) {
    const [, from, to = '', , , , , , , inode = ''] = line.trim().split(/\s+/);
    if (from === local && held.has(inode)) ports.add(Number.parseInt(to.split(':')[1] ?? '', 16));
  }
  // Of the listening socket itself.
  ports.delete(0);
  return ports;
}

function socketsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((name) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${name}`))?.[1] ?? [];
    } catch {
      return [];
    }
  });
}

/** As the kernel prints an IPv4 address on a little-endian machine. */
function hexOf(address: string): string {
  const bytes = address.split('.').map(Number).reverse();
  return Buffer.from(bytes).toString('hex').toUpperCase();
}
