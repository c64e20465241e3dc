// What Mesos would tell Mesos-DNS of a running task.

import type { MesosTask } from '../mesos-task.ts';
import { AGENT_ADDRESS, type Agent } from './agent.ts';
import { wantedPorts } from './app-definition.ts';
import { discoveryName } from './app-path.ts';
import type { Task } from './instance.ts';

export function mesosTask(task: Task, agent: Agent): MesosTask {
  const ports = wantedPorts(task.app).flatMap(({ name, protocol }, index) => {
    const number = task.ports[index] ?? 0;
    const protocols = protocol.split(',').filter((one) => one === 'tcp' || one === 'udp');
    return protocols.map((one) => ({ number, protocol: one, name }));
  });
  return {
    id: task.id,
    name: discoveryName(task.app.id),
    slaveId: agent.slaveId,
    agentAddress: AGENT_ADDRESS,
    address: AGENT_ADDRESS,
    ports,
  };
}
