// What /_teal/status answers, field by field.

import type { WorkerLoad } from '../../../stats/report.ts';
import type { WorkerView } from '../../../stats/view.ts';
import type { StatusFacts } from '../status-facts.ts';
import { amount, amountOrNull, count, flag, list, moment, shape, text } from './schema-terms.ts';

const WORKER = shape<WorkerView>(
  {
    slot: count('1 … N, stable over replacements'),
    pid: count('process id'),
    epoch: count('the epoch it acknowledged last'),
    startedAtMs: moment('when it started'),
    restarts: count('how often this slot was replaced after a crash'),
    load: shape<WorkerLoad>({
      cpuMs: amount('CPU time since it started'),
      rssBytes: count('resident memory'),
      loopDelayMs: amount("the event loop's longest delay in the last seconds"),
      connections: count('connections of clients now'),
    }),
  },
  ['load'],
);

export const STATUS = shape<StatusFacts>({
  version: text('of Teal'),
  node: text('host name'),
  pid: count('of the primary process'),
  nowMs: moment('when this was gathered'),
  startedAtMs: moment('when it started'),
  ready: flag('traffic should come here'),
  notReady: text('why not, as /readyz says it; empty while ready'),
  epoch: count('of the plan in force; begins anew with the process'),
  workers: list('worker processes', WORKER),
  source: shape<StatusFacts['source']>({
    url: text('the Marathon asked last'),
    streaming: flag('the event stream is open'),
    lastEventAtMs: moment('last byte on the event stream; 0 = never'),
    lastAnswerAtMs: moment('last app list that was accepted; 0 = never'),
    error: text('why the last fetch or stream failed; empty = it did not'),
    held: flag('an answer is held back because it would empty the pools'),
    fetches: count('app lists read'),
    events: count('events received'),
    reconnects: count('times the event stream was opened again'),
  }),
  knowledgeAgeMs: amountOrNull("since Marathon's last accepted answer; null = there was none"),
  services: shape<StatusFacts['services']>({
    total: count('services in the plan'),
    withoutLive: list('keys of those without a live colour', text('service key')),
  }),
  draining: list(
    'colours that get no more requests and still have some in flight',
    shape<StatusFacts['draining'][number]>({
      service: text('service key'),
      appId: text('app id'),
      inFlight: count('requests and tunnels'),
      deadlineMs: moment('when the rest is cut'),
    }),
  ),
  problems: count('see /_teal/problems'),
  lostLogLines: count('lines of the access log that could not be written'),
});
