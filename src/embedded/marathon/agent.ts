// The one Mesos agent of this cluster: this machine.

import { randomUUID } from 'node:crypto';

export interface Agent {
  /** As Marathon says it in `host`. */
  readonly hostname: string;
  readonly slaveId: string;
  readonly frameworkId: string;
}

export function createAgent(hostname: string): Agent {
  return {
    hostname,
    slaveId: `${randomUUID()}-S0`,
    frameworkId: `${randomUUID()}-0000`,
  };
}

/** Where everything runs, whatever the agent is called: loopback only. */
export const AGENT_ADDRESS = '127.0.0.1';
