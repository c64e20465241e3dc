// An app as the embedded Marathon keeps it: Marathon's canonical form (1.5 and later), every default filled in.
// Properties stand in the order in which the API writes them.

import type { Json, JsonObject } from './json.ts';

export type Labels = Readonly<Record<string, string>>;

export interface PortMapping {
  readonly containerPort: number;
  /** 0 = any free one; absent = none is allocated (container networks only). */
  readonly hostPort?: number;
  readonly labels: Labels;
  readonly name?: string;
  /** tcp, udp or `udp,tcp`. */
  readonly protocol: string;
  readonly servicePort: number;
}

export interface PortDefinition {
  /** The service port; 0 until one is assigned. Also the host port when `requirePorts`. */
  readonly port: number;
  readonly labels?: Labels;
  readonly name?: string;
  readonly protocol: string;
}

export interface Docker {
  readonly forcePullImage?: boolean;
  readonly image: string;
  readonly parameters?: readonly Json[];
  readonly privileged?: boolean;
  readonly pullConfig?: JsonObject;
}

export interface Container {
  readonly type: string;
  readonly docker?: Docker;
  readonly volumes: readonly Json[];
  readonly portMappings?: readonly PortMapping[];
}

export type NetworkMode = 'host' | 'container' | 'container/bridge';

export interface Network {
  readonly mode: NetworkMode;
  readonly name?: string;
  readonly labels?: Labels;
}

export type HealthCheckProtocol =
  | 'HTTP'
  | 'HTTPS'
  | 'TCP'
  | 'COMMAND'
  | 'MESOS_HTTP'
  | 'MESOS_HTTPS'
  | 'MESOS_TCP';

export interface HealthCheck {
  readonly command?: { readonly value: string };
  readonly gracePeriodSeconds: number;
  readonly ignoreHttp1xx?: boolean;
  readonly intervalSeconds: number;
  readonly ipProtocol: string;
  /** 0 = never kill. */
  readonly maxConsecutiveFailures: number;
  readonly path?: string;
  readonly port?: number;
  readonly portIndex?: number;
  readonly protocol: HealthCheckProtocol;
  readonly timeoutSeconds: number;
  readonly delaySeconds: number;
}

export interface ReadinessCheck {
  readonly name: string;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly path: string;
  readonly portName: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly httpStatusCodesForReady: readonly number[];
  readonly preserveLastResponse: boolean;
}

export interface VersionInfo {
  readonly lastScalingAt: string;
  readonly lastConfigChangeAt: string;
}

/** What the person asked for, normalised; carries no version of its own yet. */
export interface AppRequest {
  readonly id: string;
  readonly acceptedResourceRoles?: readonly Json[];
  readonly args?: readonly string[];
  readonly backoffFactor: number;
  readonly backoffSeconds: number;
  readonly cmd?: string;
  readonly constraints?: readonly Json[];
  readonly container?: Container;
  readonly cpus: number;
  readonly dependencies?: readonly string[];
  readonly disk: number;
  /** A string, or `{"secret": name}`, which stays unset here: there is no secret store. */
  readonly env?: Readonly<Record<string, Json>>;
  readonly executor: string;
  readonly executorResources?: JsonObject;
  readonly fetch?: readonly Json[];
  readonly healthChecks?: readonly HealthCheck[];
  readonly check?: JsonObject;
  readonly instances: number;
  readonly labels: Labels;
  readonly maxLaunchDelaySeconds: number;
  readonly mem: number;
  readonly gpus: number;
  readonly networks: readonly Network[];
  /** Host networking only; `[]` = the app wants no port. */
  readonly portDefinitions?: readonly PortDefinition[];
  readonly readinessChecks?: readonly ReadinessCheck[];
  readonly residency?: JsonObject;
  readonly requirePorts: boolean;
  readonly secrets?: JsonObject;
  readonly taskKillGracePeriodSeconds?: number;
  readonly upgradeStrategy: {
    readonly maximumOverCapacity: number;
    readonly minimumHealthCapacity: number;
  };
  readonly user?: string;
  readonly killSelection: 'YOUNGEST_FIRST' | 'OLDEST_FIRST';
  readonly unreachableStrategy: Json;
  readonly tty?: boolean;
  readonly role: string;
  readonly resourceLimits?: JsonObject;
}

/** An accepted app. Immutable: a change is a new definition with a new version. */
export interface AppDefinition extends AppRequest {
  readonly version: string;
  readonly versionInfo: VersionInfo;
}

export function networkMode(app: AppRequest): NetworkMode {
  return app.networks[0]?.mode ?? 'host';
}

/** Index = the position of the task's ports; empty when the app wants none. */
export function servicePorts(app: AppRequest): readonly number[] {
  const mappings = app.container?.portMappings ?? [];
  if (mappings.length > 0) return mappings.map((mapping) => mapping.servicePort);
  return (app.portDefinitions ?? []).map((definition) => definition.port);
}

/** One port an app wants, the same for port definitions and port mappings. */
export interface WantedPort {
  readonly name: string;
  readonly protocol: string;
  /** null = no host port is allocated. 0 = any. */
  readonly hostPort: number | null;
  /** null in host networking. */
  readonly containerPort: number | null;
  /** The number in `PORT_<number>`; 0 = the host port itself. */
  readonly requested: number;
}

export function wantedPorts(app: AppRequest): readonly WantedPort[] {
  if (networkMode(app) !== 'host') {
    return (app.container?.portMappings ?? []).map((mapping) => ({
      name: mapping.name ?? '',
      protocol: mapping.protocol,
      hostPort: mapping.hostPort ?? null,
      containerPort: mapping.containerPort,
      requested: mapping.containerPort,
    }));
  }
  return (app.portDefinitions ?? []).map((definition) => ({
    name: definition.name ?? '',
    protocol: definition.protocol,
    hostPort: app.requirePorts ? definition.port : 0,
    containerPort: null,
    requested: definition.port,
  }));
}
