// What Teal reads of Marathon's apps, the same for the old (< 1.5) and the new (>= 1.5) format.

/** Where a task's ports are reached: the agent's address, or the container's own. */
export type Networking = 'host' | 'bridge' | 'container';

/** A health check as far as the balancer cares. */
export interface MarathonHealthCheck {
  /** HTTP, HTTPS, TCP, COMMAND, MESOS_HTTP, MESOS_HTTPS or MESOS_TCP. */
  readonly protocol: string;
  /** Index into the service ports; null when the check names a literal port or none. */
  readonly portIndex: number | null;
  /** Literal port; null when absent. */
  readonly port: number | null;
  readonly path: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly maxConsecutiveFailures: number;
}

export interface MarathonTask {
  readonly id: string;
  /** Agent host name or IP literal, as Marathon says it. */
  readonly host: string;
  /** The container's own IP (`ipAddresses[0]`); null when there is none. */
  readonly containerAddress: string | null;
  /** Host ports (host and bridge networking) in the order of the app's ports; may be empty. */
  readonly ports: readonly number[];
  /** TASK_RUNNING, TASK_KILLING …; where Marathon leaves it out, told by whether the task has started. */
  readonly state: string;
  /** One entry per check that has a verdict; null when Marathon sent no list at all. */
  readonly alive: readonly boolean[] | null;
  /** What its readiness check said; null when Marathon has not said: it asks during deployments only. */
  readonly ready: boolean | null;
  /** App version the task was launched with; null when absent. */
  readonly version: string | null;
  /** 0 when the task has not started. */
  readonly startedAtMs: number;
}

/** One app with its tasks. Plain, frozen data: nothing of Marathon's JSON travels further. */
export interface MarathonApp {
  readonly id: string;
  readonly version: string;
  readonly instances: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly networking: Networking;
  /** Index = the `{n}` of the labels. 0 = none assigned. */
  readonly servicePorts: readonly number[];
  /** Places of port mappings without a service port: the service ports after them have moved up. */
  readonly unassignedMappings: readonly number[];
  /** Ports inside the container, by the same index; what container networking dials. */
  readonly containerPorts: readonly number[];
  readonly healthChecks: readonly MarathonHealthCheck[];
  /** `versionInfo.lastConfigChangeAt`, else `version`; ms since 1970. */
  readonly lastConfigChangeAtMs: number;
  /** `versionInfo.lastScalingAt`, else `version`; ms since 1970. */
  readonly lastScalingAtMs: number;
  /** Ids of the deployments running on the app; empty when it is at rest. */
  readonly deployments: readonly string[];
  readonly tasks: readonly MarathonTask[];
}
