// One worker of Teal without its control plane: a data plane with one server behind three listeners.
// Argument: JSON with the ports `http`, `tcp`, `tls` and `origin`, and the file `pem`.

import { readFileSync } from 'node:fs';
import { bindSocket } from '../dist/fleet/socket.js';
import { SILENT } from '../dist/log/logger.js';
import { NO_POLICY, PLAIN_ROUTE } from '../dist/plan/plan.js';
import { DataPlane } from '../dist/proxy/data-plane.js';
import { DEFAULT_PROXY_SETTINGS } from '../dist/proxy/settings.js';

const address = '127.0.0.1';
const ports = JSON.parse(process.argv[2]);
const certificates = [readFileSync(ports.pem, 'utf8')];
const settings = { ...DEFAULT_PROXY_SETTINGS, keepAliveTimeoutMs: 30_000, certificates };
const plane = new DataPlane(settings, SILENT);

const TLS = {
  certificates: [],
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: '',
  ciphersuites: '',
  clientCertificate: 'unasked',
  authorities: '',
};

const server = {
  id: 'task',
  name: 'origin',
  numericId: 1,
  address,
  port: ports.origin,
  weight: 1,
  admin: 'ready',
};

function colour(appId) {
  return {
    appId,
    name: appId.slice(1),
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
    policy: NO_POLICY,
    servers: [server],
    others: [],
  };
}

function service(port, mode) {
  const appId = `/bench-${mode}`;
  return {
    key: `${address}:${port}`,
    address,
    servicePort: port,
    mode,
    live: appId,
    why: 'bench',
    liveSinceMs: 0,
    colours: [colour(appId)],
    // What the load names as its host on the TLS listener.
    routes: mode === 'http' ? [{ ...PLAIN_ROUTE, hosts: [address] }] : [],
  };
}

function listener(port, kind, mode) {
  const key = `${address}:${port}`;
  const serviceKey = kind === 'service' ? key : null;
  return { key, address, port, kind, mode, tls: null, acceptProxy: false, name: kind, serviceKey };
}

const listeners = [
  listener(ports.http, 'service', 'http'),
  listener(ports.tcp, 'service', 'tcp'),
  { ...listener(ports.tls, 'https', 'http'), tls: TLS },
];

plane.commit(
  plane.prepare(1, {
    listeners,
    removedListeners: [],
    services: [service(ports.http, 'http'), service(ports.tcp, 'tcp')],
    removedServices: [],
  }),
);
for (const { key, port } of listeners) {
  const bound = bindSocket(address, port);
  if ('error' in bound) throw new Error(bound.error);
  plane.accept(key, bound.handle, (message) => {
    throw new Error(message);
  });
}

process.on('SIGUSR2', () => globalThis.gc?.());
