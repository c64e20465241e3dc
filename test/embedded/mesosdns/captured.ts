// Answers captured from the real Mesos-DNS, and the Mesos state they were made of.

import { readFileSync } from 'node:fs';
import type { DiscoveryPort, MesosTask } from '../../../src/embedded/mesos-task.ts';
import type { Zone } from '../../../src/embedded/mesosdns/zone.ts';

/** Text of a captured file. */
export function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
}

/** The zone as the real server was configured. */
export const CAPTURED_ZONE: Zone = {
  domain: 'mesos',
  framework: 'marathon',
  ttlSeconds: 60,
  address: '127.0.0.1',
  masterPort: 15050,
  frameworkPort: 15101,
};

interface State {
  slaves: { id: string; hostname: string }[];
  frameworks: { tasks: StateTask[] }[];
}

interface StateTask {
  id: string;
  name: string;
  slave_id: string;
  state: string;
  statuses: {
    container_status: { network_infos: { ip_addresses: { ip_address: string }[] }[] };
  }[];
  discovery?: { ports: { ports: DiscoveryPort[] } };
}

/**
 * The running tasks of the state. `nodi` is left out: it has no DiscoveryInfo, which no task of the
 * embedded Marathon lacks.
 */
export function capturedTasks(): MesosTask[] {
  const state = JSON.parse(fixture('state.json')) as State;
  const agents = new Map(state.slaves.map((slave) => [slave.id, slave.hostname]));
  return state.frameworks
    .flatMap((framework) => framework.tasks)
    .filter((task) => task.state === 'TASK_RUNNING' && task.discovery !== undefined)
    .map((task) => ({
      id: task.id,
      name: task.name,
      slaveId: task.slave_id,
      agentAddress: agents.get(task.slave_id) ?? '',
      address:
        task.statuses.at(-1)?.container_status.network_infos[0]?.ip_addresses[0]?.ip_address ?? '',
      ports: (task.discovery?.ports.ports ?? []).map(({ number, protocol, name }) => ({
        number,
        protocol,
        name: name ?? '',
      })),
    }));
}

/** The tasks there were when `/v1/axfr` and `/v1/enumerate` were captured. */
export function earlierTasks(): MesosTask[] {
  return capturedTasks().filter((task) => !/^(a+|b+)$/.test(task.name));
}
