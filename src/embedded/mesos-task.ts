// A running task as the embedded Marathon tells the embedded Mesos-DNS about it.

/** One port of a task as Mesos' DiscoveryInfo carries it. */
export interface DiscoveryPort {
  readonly number: number;
  readonly protocol: 'tcp' | 'udp';
  /** Empty when the port has no name. */
  readonly name: string;
}

/** What Mesos would know of a RUNNING task. */
export interface MesosTask {
  readonly id: string;
  /** Reversed path segments joined by `.`: `/zdd/blue` is `blue.zdd`. */
  readonly name: string;
  /** For example `…-S0`; the part after the last `-` is used in names. */
  readonly slaveId: string;
  readonly agentAddress: string;
  readonly address: string;
  readonly ports: readonly DiscoveryPort[];
}
