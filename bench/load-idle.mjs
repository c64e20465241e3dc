// Memory of connections that do nothing.

import { startClients } from './clients.mjs';
import { residentBytes } from './processes.mjs';

/** Memory of a contestant before its first idle connection: a round may find what an earlier one left. */
const emptyBytes = new Map();

export async function holdIdle({ connections, port }, contestant) {
  const { core, name, pids, ports, settle } = contestant;
  const held = () => pids().reduce((sum, pid) => sum + residentBytes(pid), 0);
  await settle();
  if (!emptyBytes.has(name)) emptyBytes.set(name, held());
  const clients = await startClients('idle-clients.mjs', core, [ports[port], connections]);
  await settle();
  const kilobytesEach = (held() - emptyBytes.get(name)) / 1_000 / connections;
  await clients.end();
  return { kilobytesEach };
}
