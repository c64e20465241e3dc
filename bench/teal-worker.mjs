// One worker of Teal without its control plane: a data plane with one service and one server.
// Arguments: port, port of the server.

import { bindSocket } from '../dist/fleet/socket.js';
import { SILENT } from '../dist/log/logger.js';
import { DataPlane } from '../dist/proxy/data-plane.js';
import { DEFAULT_PROXY_SETTINGS } from '../dist/proxy/settings.js';

const [port, originPort] = process.argv.slice(2).map(Number);
const key = `127.0.0.1:${port}`;
const mode = 'http';

const plane = new DataPlane({ ...DEFAULT_PROXY_SETTINGS, keepAliveTimeoutMs: 30_000 }, SILENT);
const server = {
  id: 'task',
  name: 'origin',
  numericId: 1,
  address: '127.0.0.1',
  port: originPort,
  weight: 1,
  admin: 'ready',
};
const colour = {
  appId: '/bench',
  name: 'bench',
  version: '',
  instances: 1,
  ready: true,
  lastConfigChangeAtMs: 0,
  sendProxy: 0,
  balancing: {
    balance: { algorithm: 'roundrobin' },
    sticky: false,
    slowStartMs: 0,
    maxConnections: 0,
  },
  servers: [server],
  others: [],
};
const listener = {
  key,
  address: '127.0.0.1',
  port,
  kind: 'service',
  mode,
  tls: null,
  acceptProxy: false,
  name: '',
  serviceKey: key,
};
const service = {
  key,
  address: '127.0.0.1',
  servicePort: port,
  mode,
  live: '/bench',
  why: 'bench',
  liveSinceMs: 0,
  colours: [colour],
  vhosts: [],
};
const delta = {
  listeners: [listener],
  removedListeners: [],
  services: [service],
  removedServices: [],
};
plane.commit(plane.prepare(1, delta));
const bound = bindSocket('127.0.0.1', port);
if ('error' in bound) throw new Error(bound.error);
plane.accept(key, bound.handle, (message) => {
  throw new Error(message);
});
