// What of the balancer's own options decides on the plan.

export interface PlanOptions {
  /** Address of the shared listeners, and of services that ask for none of their own. */
  readonly bindAddress: string;
  /** Shared listeners; 0 = not opened. */
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly appidPort: number;
  /** Connections to the http and https listeners begin with a PROXY protocol header. */
  readonly acceptProxy: boolean;
  /** Ours, never a service's. */
  readonly statsPort: number;
  /** The https listener shows each virtual host the certificates of its own apps. */
  readonly groupHttpsByVhost: boolean;
}

/** Our listener at a port; null = none of ours. */
export function portOfOurs(port: number, options: PlanOptions): string | null {
  if (port === options.statsPort) return 'stats port';
  if (port === options.httpPort) return 'http port';
  if (port === options.httpsPort) return 'https port';
  return port === options.appidPort ? 'app id port' : null;
}
