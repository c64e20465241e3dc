// The paths of Marathon-LB's admin port (marathon-lb.md §5) that scripts read to the byte: health, pids,
// configuration, maps and signals. Everything that is none of them is HAProxy's 503.

import { type ConfigFacts, renderConfig } from '../stats/haproxy-config.ts';
import { renderAppMap, renderVhostMap } from '../stats/haproxy-maps.ts';
import { type Answer, plain } from './answer.ts';

/** What a signal would do; null = there is no process that signals are sent to (`teal poll`). */
export interface Signals {
  /** Look at Marathon now. */
  readonly hup: () => void;
  /** Put the present plan and certificates in force again, without asking Marathon. */
  readonly usr1: () => void;
}

export interface MarathonLbContext {
  readonly config: () => ConfigFacts;
  readonly signals: Signals | null;
}

/** HAProxy's `monitor-uri` answer: 58 bytes, says only that the process lives. */
const HEALTH: Answer = {
  status: 200,
  headers: { 'cache-control': 'no-cache', 'content-type': 'text/html' },
  body: '<html><body><h1>200 OK</h1>\nService ready.\n</body></html>\n',
  bare: true,
};

/** HAProxy's answer where nothing serves. */
export const NO_SERVER: Answer = {
  status: 503,
  headers: { 'cache-control': 'no-cache', 'content-type': 'text/html', connection: 'close' },
  body: '<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n',
};

type Handler = (context: MarathonLbContext) => Answer;

/** By path. */
export const MARATHON_LB: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['/_haproxy_health_check', () => HEALTH],
  // One token: zdd.py takes more than two for an old process that still drains.
  ['/_haproxy_getpids', () => plain(String(process.pid))],
  ['/_haproxy_getconfig', ({ config }) => plain(renderConfig(config()))],
  ['/_haproxy_getvhostmap', ({ config }) => plain(renderVhostMap(config().plan))],
  ['/_haproxy_getappmap', ({ config }) => plain(renderAppMap(config().plan))],
  ['/_mlb_signal/hup', ({ signals }) => signal('SIGHUP', signals?.hup)],
  ['/_mlb_signal/usr1', ({ signals }) => signal('SIGUSR1', signals?.usr1)],
]);

function signal(name: string, act: (() => void) | undefined): Answer {
  if (act === undefined) {
    return {
      ...plain(
        `Failed to send ${name} signal to marathon-lb (exit code 1). Is marathon-lb running in 'poll' mode?`,
      ),
      status: 500,
    };
  }
  act();
  return plain(`Sent ${name} signal to marathon-lb`);
}
