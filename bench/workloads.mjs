// What is measured. `origin`: `small` answers 73 bytes, `bodies` as much as is asked for, `echo` sends
// messages back. `port`: which of a proxy's ports the load goes to. `lineUp`: who takes part.

import { atMost, cheaper, costs, scales, smallIdle } from './goals.mjs';

const JSON_LOAD = {
  lineUp: 'rivals',
  unit: 'request',
  port: 'http',
  origin: 'small',
  load: 'wrk',
  path: '/',
  connections: 64,
  goals: [],
};
const BODY_LOAD = { ...JSON_LOAD, origin: 'bodies', goals: [atMost(1.1, 'HAProxy')] };
const LARGE = { path: '/1048576', connections: 16 };

export const WORKLOADS = [
  {
    ...JSON_LOAD,
    key: 'a',
    name: '64 keep-alive clients, 73 bytes of JSON',
    goals: [atMost(1.1, 'HAProxy'), cheaper(3.5, 'Caddy'), cheaper(4, 'http-proxy')],
  },
  {
    ...JSON_LOAD,
    key: 'b',
    name: '256 keep-alive clients',
    connections: 256,
    goals: [atMost(1.1, 'HAProxy')],
  },
  {
    ...JSON_LOAD,
    key: 'c',
    name: 'a connection per request',
    closing: true,
    goals: [atMost(1.4, 'HAProxy')],
  },
  { ...BODY_LOAD, key: 'd', name: 'bodies of 16 KiB', path: '/16384' },
  { ...BODY_LOAD, key: 'd', name: 'bodies of 1 MiB', ...LARGE },
  { ...BODY_LOAD, key: 'e', name: 'uploads of 1 MiB', upload: true, path: '/', connections: 16 },
  { ...JSON_LOAD, key: 'f', name: 'TCP, 73 bytes', port: 'tcp', goals: [atMost(1.1, 'HAProxy')] },
  { ...BODY_LOAD, key: 'f', name: 'TCP, 1 MiB', port: 'tcp', ...LARGE },
  {
    ...JSON_LOAD,
    key: 'g',
    name: 'TLS, keep-alive',
    port: 'tls',
    goals: [atMost(1.25, 'HAProxy')],
  },
  {
    ...JSON_LOAD,
    key: 'g',
    name: 'TLS, a handshake per request',
    port: 'tls',
    closing: true,
    connections: 32,
    goals: [atMost(1.25, 'HAProxy')],
  },
  {
    ...JSON_LOAD,
    key: 'h',
    name: 'WebSocket messages of 32 bytes',
    origin: 'echo',
    load: 'messages',
    unit: 'message',
    connections: 256,
  },
  {
    ...JSON_LOAD,
    key: 'i',
    name: 'idle keep-alive connections',
    load: 'idle',
    connections: 10_000,
    goals: [smallIdle(8)],
  },
  {
    ...JSON_LOAD,
    key: 'j',
    name: 'latency at 4,000 requests/s',
    load: 'paced',
    perSecond: 4_000,
    goals: [atMost(1.25, 'HAProxy', 'p99')],
  },
  {
    ...JSON_LOAD,
    key: 'k',
    name: 'while 100 other services change',
    lineUp: 'changing',
  },
  {
    ...JSON_LOAD,
    key: 'w',
    name: 'two workers on two cores beside one on one',
    lineUp: 'workers',
    load: 'paced',
    connections: 32,
    perSecond: 8_000,
    goals: [scales(1.8)],
  },
  {
    ...JSON_LOAD,
    key: 'log',
    name: 'a line of the access log per request, to a file',
    lineUp: 'logging',
    goals: [costs(1.1, 'httplog', 'no log'), costs(1.1, 'JSON', 'no log')],
  },
];
