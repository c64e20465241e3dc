// Ports that were free a moment ago, for processes that are told their ports by flags.

import net from 'node:net';

/** `count` different free TCP ports of 127.0.0.1. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<net.Server>((resolve, reject) => {
          const server = net.createServer();
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as net.AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Below what the kernel gives to whoever asks for any port. */
const STEADY = { from: 20_000, to: 32_000 } as const;

/**
 * Free ports that nobody gets by chance while their owner is away: for processes that are killed and
 * started again.
 */
export async function steadyPorts(count: number): Promise<number[]> {
  const found: number[] = [];
  while (found.length < count) {
    const port = STEADY.from + Math.floor(Math.random() * (STEADY.to - STEADY.from));
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
