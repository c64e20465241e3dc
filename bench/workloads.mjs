// What is measured. `origin`: `small` answers 73 bytes, `bodies` as much as is asked for. `port`: which
// of a proxy's ports the load goes to. `reach`: CPU time per request beside HAProxy's, at most.

const JSON_LOAD = { port: 'http', origin: 'small', load: 'wrk', path: '/', connections: 64 };
const BODY_LOAD = { ...JSON_LOAD, origin: 'bodies' };

export const WORKLOADS = [
  { key: 'a', name: '64 keep-alive clients, 73 bytes of JSON', reach: 1.1, ...JSON_LOAD },
  { key: 'c', name: 'a connection per request', reach: 1.4, ...JSON_LOAD, closing: true },
  { key: 'd', name: 'bodies of 16 KiB', reach: 1.1, ...BODY_LOAD, path: '/16384' },
  {
    key: 'd',
    name: 'bodies of 1 MiB',
    reach: 1.1,
    ...BODY_LOAD,
    path: '/1048576',
    connections: 16,
  },
  { key: 'f', name: 'TCP, 73 bytes', reach: 1.1, ...JSON_LOAD, port: 'tcp' },
  {
    key: 'f',
    name: 'TCP, 1 MiB',
    reach: 1.1,
    ...BODY_LOAD,
    port: 'tcp',
    path: '/1048576',
    connections: 16,
  },
  { key: 'b', name: '256 keep-alive clients', reach: 1.1, ...JSON_LOAD, connections: 256 },
  { key: 'e', name: 'uploads of 1 MiB', reach: 1.1, ...BODY_LOAD, upload: true, connections: 16 },
  { key: 'i', name: 'idle keep-alive connections', load: 'idle', ...idle(10_000) },
  { key: 'g', name: 'TLS, keep-alive', reach: 1.25, ...JSON_LOAD, port: 'tls' },
  { key: 'g', name: 'TLS, a handshake per request', reach: 1.25, ...JSON_LOAD, ...handshakes() },
  { key: 'j', name: 'latency at 4,000 requests/s', ...JSON_LOAD, load: 'paced', perSecond: 4_000 },
];

function idle(connections) {
  return { port: 'http', origin: 'small', connections };
}

function handshakes() {
  return { port: 'tls', closing: true, connections: 32 };
}
