// What all connections of a worker share: settings, clock, the table in force, and one reader for
// heads. A connection reads `table` once per request.

import type { Logger } from '../log/logger.ts';
import { Counters } from '../stats/counters.ts';
import { AccessLog } from './access-log.ts';
import { Clock } from './clock.ts';
import { type Credentials, NO_CREDENTIALS } from './credentials.ts';
import { RequestHead } from './http/request-head.ts';
import { ResponseHead } from './http/response-head.ts';
import { ErrorPages } from './policy/error-page.ts';
import { Passwords } from './policy/passwords.ts';
import { Roster } from './roster.ts';
import type { ProxySettings } from './settings.ts';
import { Stopwatch } from './stopwatch.ts';
import { EMPTY_TABLE, type Table } from './table.ts';
import type { Tunnel } from './tunnel.ts';

/** Above this many bytes waiting to be written, the side that is read from is paused. */
export const WATERMARK_BYTES = 131_072;

export class Runtime {
  readonly settings: ProxySettings;
  readonly log: Logger;
  readonly clock = new Clock();
  readonly stopwatch = new Stopwatch();
  readonly requestHead = new RequestHead();
  readonly responseHead = new ResponseHead();
  /** Counts what belongs to no row: connections to a listener that leads nowhere. */
  readonly nowhere = new Counters();
  readonly accessLog: AccessLog;
  readonly passwords: Passwords;
  readonly tunnels = new Roster<Tunnel>();
  table: Table = EMPTY_TABLE;
  credentials: Credentials;
  errorPages = new ErrorPages([]);
  /** Connections of clients, in all their stages. */
  connections = 0;
  /** True once the worker is to end: no connection is kept for another request. */
  ending = false;

  /** `passwordProgram` is the path of the built program of policy/crypt/thread.ts. */
  constructor(settings: ProxySettings, log: Logger, passwordProgram: string) {
    this.settings = settings;
    this.accessLog = new AccessLog(settings, log);
    this.passwords = new Passwords(passwordProgram, log);
    this.credentials = { ...NO_CREDENTIALS, shared: settings.certificates };
    this.log = log;
  }
}
