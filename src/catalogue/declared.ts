// Services declared in a file → apps like Marathon's, so that labels, policies, checks, colours and the
// stats page treat them as any other. Pure.

import type { MarathonApp, MarathonHealthCheck, MarathonTask } from '../marathon/app.ts';
import type { SrvTarget } from '../mesosdns/srv.ts';

/** A server with a fixed address. */
export interface DeclaredServer {
  /** IP address. */
  readonly address: string;
  readonly port: number;
}

export interface DeclaredCheck {
  readonly kind: 'http' | 'https' | 'tcp';
  /** Request target; `/` for tcp, where it is not used. */
  readonly path: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  /** Bad checks in a row that take a server down. */
  readonly fall: number;
}

/** One service of the file given by `--config`. */
export interface DeclaredService {
  /** Path-like, without a slash in front: `elastic/search`. Its app id is `/elastic/search`. */
  readonly name: string;
  readonly port: number;
  /** `*` = all addresses. */
  readonly bindAddress: string;
  readonly mode: 'http' | 'tcp';
  /** SRV name its servers are found by; empty = only `servers`. */
  readonly srv: string;
  readonly servers: readonly DeclaredServer[];
  /** Null = servers are not probed. */
  readonly check: DeclaredCheck | null;
  /** Labels by their name without `HAPROXY_0_` (`VHOST`, `BALANCE` …) or whole (`TEAL_0_…`). */
  readonly labels: Readonly<Record<string, string>>;
}

const PROTOCOLS = { http: 'HTTP', https: 'HTTPS', tcp: 'TCP' } as const;

/** `targets` are the SRV name's; `group` is one that this balancer serves. */
export function declaredApp(
  service: DeclaredService,
  targets: readonly SrvTarget[],
  group: string,
): MarathonApp {
  const tasks = [
    ...service.servers.map((server) => taskOf(service, server, 'file')),
    ...preferred(targets).map((target) => taskOf(service, target, 'srv')),
  ];
  return {
    id: `/${service.name}`,
    version: '',
    instances: tasks.length,
    labels: labelsOf(service, group),
    networking: 'host',
    servicePorts: [service.port],
    unassignedMappings: [],
    containerPorts: [],
    healthChecks: service.check === null ? [] : [checkOf(service.check)],
    lastConfigChangeAtMs: 0,
    lastScalingAtMs: 0,
    deployments: [],
    tasks,
  };
}

/** RFC 2782: only those of the lowest priority are used while there are any. */
function preferred(targets: readonly SrvTarget[]): readonly SrvTarget[] {
  const lowest = targets.reduce((least, one) => Math.min(least, one.priority), 65_536);
  return targets.filter((one) => one.priority === lowest);
}

function taskOf(
  { name, check }: DeclaredService,
  { address, port }: DeclaredServer,
  from: 'file' | 'srv',
): MarathonTask {
  return {
    id: `${name}.${from}.${address}:${port}`,
    host: address,
    containerAddress: null,
    ports: [port],
    state: 'TASK_RUNNING',
    // Nobody but Teal checks it: it is believed until its own check fails.
    alive: check === null ? null : [true],
    ready: null,
    version: null,
    startedAtMs: 0,
  };
}

function labelsOf({ mode, bindAddress, labels }: DeclaredService, group: string) {
  const whole = Object.entries(labels).map(([name, value]) => [
    /^(?:HAPROXY|TEAL)_/.test(name) ? name : `HAPROXY_0_${name}`,
    value,
  ]);
  return {
    ...Object.fromEntries(whole),
    HAPROXY_GROUP: group,
    HAPROXY_0_MODE: mode,
    HAPROXY_0_BIND_ADDR: bindAddress,
  };
}

function checkOf(check: DeclaredCheck): MarathonHealthCheck {
  return {
    protocol: PROTOCOLS[check.kind],
    portIndex: 0,
    port: null,
    path: check.path,
    intervalSeconds: check.intervalSeconds,
    timeoutSeconds: check.timeoutSeconds,
    maxConsecutiveFailures: check.fall - 1,
  };
}
