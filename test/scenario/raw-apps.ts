// Apps in Marathon's own JSON (>= 1.5), as its REST API answers them.

export interface RawTask {
  readonly port: number;
  readonly state?: string;
  readonly alive?: boolean;
}

/** An app in host networking with one service port per entry of `servicePorts`. */
export function rawApp(
  id: string,
  labels: Readonly<Record<string, string>>,
  tasks: readonly RawTask[],
  changes: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const name = id.slice(1).replaceAll('/', '_');
  return {
    id,
    cmd: 'true',
    instances: tasks.length,
    labels: { HAPROXY_GROUP: 'external', ...labels },
    networks: [{ mode: 'host' }],
    portDefinitions: [{ port: 10_000, protocol: 'tcp', name: 'default' }],
    healthChecks: [{ protocol: 'HTTP', path: '/', portIndex: 0 }],
    version: '2026-01-01T00:00:00.000Z',
    versionInfo: {
      lastScalingAt: '2026-01-01T00:00:00.000Z',
      lastConfigChangeAt: '2026-01-01T00:00:00.000Z',
    },
    deployments: [],
    tasks: tasks.map(({ port, state = 'TASK_RUNNING', alive = true }) => ({
      id: `${name}.instance-${port}._app.1`,
      appId: id,
      host: '127.0.0.1',
      ports: [port],
      state,
      healthCheckResults: [{ alive, consecutiveFailures: 0, instanceId: `${name}.${port}` }],
      ipAddresses: [],
      version: '2026-01-01T00:00:00.000Z',
    })),
    ...changes,
  };
}
