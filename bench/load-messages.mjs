// WebSocket messages there and back on many connections, in a closed loop.

import { startClients } from './clients.mjs';
import { metered } from './meter.mjs';

/** An echo is two messages for the proxy: one each way. */
const MESSAGES_PER_ECHO = 2;

export async function loadByMessages({ connections, port }, contestant, seconds) {
  const { core, ports } = contestant;
  const args = [ports[port], connections, seconds];
  const clients = await startClients('web-socket-clients.mjs', core, args);
  const { result, micros, ...meter } = await metered(contestant, () => {
    clients.go();
    return clients.next();
  });
  await clients.end();
  const { echoes, elapsedSeconds, p50, p99, failed } = JSON.parse(result);
  const messages = echoes * MESSAGES_PER_ECHO;
  return {
    ...meter,
    cpuMicros: micros / messages,
    perSecond: messages / elapsedSeconds,
    p50,
    p99,
    failed,
  };
}
