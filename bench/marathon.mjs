// A scripted Marathon, as far as a bench needs one: a list of apps and a stream of events.

import { once } from 'node:events';
import http from 'node:http';

/** An app on the host network with a healthy task on each of `ports`. `changedAt` is an ISO time. */
export function app(id, labels, ports, changedAt) {
  const name = id.slice(1).replaceAll('/', '_');
  return {
    id,
    cmd: 'true',
    instances: ports.length,
    labels: { HAPROXY_GROUP: 'external', ...labels },
    networks: [{ mode: 'host' }],
    portDefinitions: [{ port: 10_000, protocol: 'tcp', name: 'default' }],
    healthChecks: [{ protocol: 'TCP', portIndex: 0, intervalSeconds: 5, timeoutSeconds: 4 }],
    version: changedAt,
    versionInfo: { lastScalingAt: changedAt, lastConfigChangeAt: changedAt },
    deployments: [],
    tasks: ports.map((port) => ({
      id: `${name}.instance-${port}._app.1`,
      appId: id,
      host: '127.0.0.1',
      ports: [port],
      state: 'TASK_RUNNING',
      healthCheckResults: [{ alive: true, consecutiveFailures: 0, instanceId: name }],
      ipAddresses: [],
      version: changedAt,
    })),
  };
}

/** Serves what `apps` returns at the moment. */
export async function serveMarathon(apps) {
  const streams = new Set();
  const server = http.createServer((request, response) => {
    if (request.url.startsWith('/v2/events')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      streams.add(response);
      response.on('close', () => streams.delete(response));
    } else {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ apps: apps() }));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** Has the apps read again. */
    tell() {
      const event = 'event: deployment_success\r\ndata: {"eventType":"deployment_success"}\r\n\r\n';
      for (const stream of streams) stream.write(event);
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
