// Ports that were free a moment ago, for processes that are told their ports by flags.

import net from 'node:net';

/**
 * Below what the kernel gives to whoever asks for any port, so that nobody gets one by chance before its
 * owner is there, or while it is away; and below those of the bench and of Mesos for tasks.
 */
const RANGE = { from: 11_000, to: 20_000 } as const;

/** `count` different free TCP ports of 127.0.0.1. */
export async function freePorts(count: number): Promise<number[]> {
  const found: number[] = [];
  while (found.length < count) {
    const port = RANGE.from + Math.floor(Math.random() * (RANGE.to - RANGE.from));
    if (!found.includes(port) && (await isFree(port))) found.push(port);
  }
  return found;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
