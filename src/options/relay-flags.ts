// Timeouts and limits of the data plane as flags, in one table: name, unit, default as it stands in
// Marathon-LB's configuration (marathon-lb.md §3.1), and what is allowed.

import type { Flag } from './flags.ts';

/** What can be set; absent = the data plane's default. */
export interface RelayOptions {
  readonly connectTimeoutMs?: number;
  readonly clientTimeoutMs?: number;
  readonly serverTimeoutMs?: number;
  readonly tunnelTimeoutMs?: number;
  readonly requestHeadTimeoutMs?: number;
  readonly keepAliveTimeoutMs?: number;
  readonly queueTimeoutMs?: number;
  readonly upstreamIdleTimeoutMs?: number;
  readonly connectRetries?: number;
  readonly maxHeadBytes?: number;
  readonly maxHeadFields?: number;
  readonly serverMaxConnections?: number;
  readonly listenerMaxConnections?: number;
  readonly maxConnections?: number;
  readonly emptyPoolWaitMs?: number;
  readonly minBodyBytesPerSecond?: number;
}

export interface RelayFlag extends Flag {
  readonly key: keyof RelayOptions;
  readonly least: number;
  readonly most: number;
}

const DAY_MS = 86_400_000;

function timeout(name: string, key: keyof RelayOptions, help: string): RelayFlag {
  return { name, key, takes: 'value', hint: 'MS', help, least: 1, most: DAY_MS };
}

export const RELAY_FLAGS: readonly RelayFlag[] = [
  timeout('connect-timeout-ms', 'connectTimeoutMs', 'connect to a server (3000)'),
  timeout('client-timeout-ms', 'clientTimeoutMs', 'silence of a client in a request (30000)'),
  timeout('server-timeout-ms', 'serverTimeoutMs', 'silence of a server in a response (30000)'),
  timeout('tunnel-timeout-ms', 'tunnelTimeoutMs', 'silence of a tunnel (3600000)'),
  timeout('http-request-timeout-ms', 'requestHeadTimeoutMs', 'a whole request head (15000)'),
  timeout('http-keep-alive-timeout-ms', 'keepAliveTimeoutMs', 'between two requests (1000)'),
  timeout('queue-timeout-ms', 'queueTimeoutMs', 'wait for a server with a free place (30000)'),
  timeout('upstream-idle-timeout-ms', 'upstreamIdleTimeoutMs', 'unused server connection (4000)'),
  {
    name: 'retries',
    key: 'connectRetries',
    takes: 'value',
    hint: 'N',
    help: 'connect attempts after the first (3)',
    least: 0,
    most: 100,
  },
  {
    name: 'max-head-bytes',
    key: 'maxHeadBytes',
    takes: 'value',
    hint: 'BYTES',
    help: 'largest head of a request or response (16384)',
    least: 1_024,
    most: 1_048_576,
  },
  {
    name: 'max-head-fields',
    key: 'maxHeadFields',
    takes: 'value',
    hint: 'N',
    help: 'most header fields of a request or response (100)',
    least: 10,
    most: 1_000,
  },
  {
    name: 'server-max-connections',
    key: 'serverMaxConnections',
    takes: 'value',
    hint: 'N',
    help: 'requests in flight per server; 0 = any number (0)',
    least: 0,
    most: 1_000_000,
  },
  {
    name: 'listener-max-connections',
    key: 'listenerMaxConnections',
    takes: 'value',
    hint: 'N',
    help: 'connections of a listener in each worker; 0 = any number (10000)',
    least: 0,
    most: 1_000_000,
  },
  {
    name: 'max-connections',
    key: 'maxConnections',
    takes: 'value',
    hint: 'N',
    help: 'connections of all listeners, divided among the workers; 0 = any number (50000)',
    least: 0,
    most: 10_000_000,
  },
  {
    name: 'empty-pool-wait-ms',
    key: 'emptyPoolWaitMs',
    takes: 'value',
    hint: 'MS',
    help: 'wait, once the last server is gone, for another; 0 = none (2000)',
    least: 0,
    most: DAY_MS,
  },
  {
    name: 'min-body-bytes-per-second',
    key: 'minBodyBytesPerSecond',
    takes: 'value',
    hint: 'N',
    help: 'slowest request body, over 30 s; 0 = any pace (100)',
    least: 0,
    most: 1_000_000,
  },
];
