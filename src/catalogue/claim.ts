// What the apps ask for: one claim per app and service port, with the tasks that could serve it.

/** How a listener or service speaks. */
export type Mode = 'http' | 'tcp';

/** Why a task may or may not be given requests. */
export type TaskStanding =
  | 'healthy'
  | 'unchecked'
  | 'unhealthy'
  | 'starting'
  | 'killing'
  | 'ended'
  | 'unreachable';

/** A task seen as a possible server. */
export interface Candidate {
  /** Mesos task id: the identity. An address is none, Mesos gives a freed port to the next task. */
  readonly taskId: string;
  /** svname as Marathon-LB makes it (`10_0_6_25_23336`). */
  readonly name: string;
  /** Server id as Marathon-LB makes it: 1 … 32766, unique in its pool. */
  readonly numericId: number;
  readonly host: string;
  /** IP to dial; null while the host name is not resolved. */
  readonly address: string | null;
  readonly port: number;
  readonly standing: TaskStanding;
  /** True if new requests may go to it. */
  readonly usable: boolean;
}

/** What one app asks for on one of its service ports. */
export interface Claim {
  readonly appId: string;
  readonly portIndex: number;
  /** pxname as Marathon-LB makes it: `zdd_blue_10080`. */
  readonly name: string;
  readonly servicePort: number;
  /** `*` = all addresses of both families. */
  readonly bindAddress: string;
  readonly mode: Mode;
  /** Lower-cased host names; empty when the app asks for none. */
  readonly vhosts: readonly string[];
  /** Shown as the colour's version: `SIMPLE_SERVICE_VERSION`-like labels are not known, so Marathon's. */
  readonly version: string;
  /** Instances asked for. */
  readonly instances: number;
  readonly lastConfigChangeAtMs: number;
  readonly lastScalingAtMs: number;
  /** True while a Marathon deployment runs on the app. */
  readonly deploying: boolean;
  /** Sorted by (host, port); every visible task, usable or not. */
  readonly candidates: readonly Candidate[];
}
