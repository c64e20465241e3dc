// The ports of the demo, checked before anything starts: the first that is taken is named with its
// owner and the flag that moves it.

import dgram from 'node:dgram';
import { bindSocket } from '../fleet/socket.ts';
import type { DemoOptions } from '../options/demo-options.ts';
import { portOwner } from './port-owner.ts';
import { StartError } from './start-error.ts';

/** Throws StartError when one of them cannot be listened on. */
export async function checkPorts(options: DemoOptions): Promise<void> {
  const { serve } = options;
  const tcp: readonly (readonly [string, string, number])[] = [
    ['marathon-port', '127.0.0.1', options.marathonPort],
    ['dns-port', '127.0.0.1', options.dnsPort],
    ['dns-http-port', '127.0.0.1', options.dnsHttpPort],
    ['stats-port', serve.bindAddress, serve.statsPort],
    ['appid-port', serve.bindAddress, serve.appidPort],
    ['http-port', serve.bindAddress, serve.httpPort],
    ['https-port', serve.bindAddress, serve.httpsPort],
  ];
  const seen = new Map<number, string>();
  for (const [flag, address, port] of tcp) {
    const twin = seen.get(port);
    if (twin !== undefined) {
      throw new StartError(
        `port ${port} is wanted twice: give --${flag} and --${twin} different ports`,
      );
    }
    seen.set(port, flag);
    const bound = bindSocket(address, port);
    if ('error' in bound) throw taken(port, 'tcp', flag, bound.error);
    bound.handle.close();
  }
  const udpError = await tryUdp(options.dnsPort);
  if (udpError !== null) throw taken(options.dnsPort, 'udp', 'dns-port', udpError);
}

function taken(port: number, protocol: 'tcp' | 'udp', flag: string, error: string): StartError {
  const owner = portOwner(port, protocol);
  const by = owner === null ? '' : `, taken by ${owner}`;
  return new StartError(
    `port ${port} (${protocol}) cannot be used: ${error}${by}; free it, or move it with --${flag} PORT`,
  );
}

function tryUdp(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = dgram.createSocket('udp4');
    socket.once('error', (error) => resolve(error.message));
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(null)));
  });
}
