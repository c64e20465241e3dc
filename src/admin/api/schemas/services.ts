// A service of /_teal/services, field by field.

import type { Quantiles } from '../../../stats/answer-times.ts';
import type { DrainReport } from '../../../stats/report.ts';
import type { ColourFacts, ServerFacts, ServiceFacts } from '../service-facts.ts';
import {
  amount,
  count,
  flag,
  list,
  moment,
  oneOf,
  orNull,
  type Schema,
  shape,
  text,
  textOrNull,
} from './schema-terms.ts';

const QUANTILES = orNull(
  'from a request until its answer began, in the last seconds; null = there was none',
  shape<Quantiles>({
    p50Ms: amount('half of them took no longer'),
    p99Ms: amount('99 of a hundred took no longer'),
    answers: count('how many there were'),
  }),
);

const SERVER = shape<ServerFacts>({
  name: text('svname'),
  taskId: text('of Mesos; empty = it has left the plan and finishes what it has'),
  address: text('ip:port'),
  status: text('UP, DOWN, DRAIN or MAINT, as on the stats page'),
  standing: text('why: usable, starting, draining …'),
  weight: amount('its share among its colour’s servers; 0 = none'),
  inFlight: count('requests now'),
  queued: count('requests that wait for it'),
  check: orNull(
    "of Teal's own checks; null = it makes none",
    shape<NonNullable<ServerFacts['check']>>({
      up: flag('it passes'),
      status: text('L7OK, L4CON … as in the CSV'),
      text: text('what was found'),
    }),
  ),
});

const COLOUR = shape<ColourFacts>({
  appId: text('app id'),
  name: text('pxname'),
  version: text('of the app'),
  live: flag('it is the live one'),
  ready: flag('it has all its tasks, and they are healthy'),
  instances: count('wanted of Marathon'),
  usable: count('servers that may get requests'),
  percentOrdered: amount('what part of the requests it is to get'),
  percentNow: amount('what part it got in the last seconds'),
  perSecond: amount('requests of http, sessions of tcp'),
  errorsPerSecond: amount('of these, that failed'),
  inFlight: count('requests now'),
  queued: count('requests that wait for a server'),
  requests: count('since the start'),
  sessions: count('since the start'),
  responses5xx: count('since the start'),
  cuts: count('exchanges and tunnels ended because their time to drain was over'),
  answerTimes: QUANTILES,
  draining: orNull(
    'null = it is live, or never was',
    shape<DrainReport>({
      sinceMs: moment('when it stopped being live'),
      deadlineMs: moment('when the rest is cut'),
      inFlight: count('exchanges and tunnels; 0 = drained'),
      tunnels: count('of these'),
      cut: count('ended at the deadline'),
    }),
  ),
  servers: list('in the order of the plan', SERVER),
});

export const SERVICE_FIELDS: { readonly [Name in keyof ServiceFacts]: Schema } = {
  key: text('*:10080'),
  servicePort: count('service port'),
  mode: oneOf('what is relayed', 'http', 'tcp'),
  live: textOrNull('app id; null = no colour has a usable server'),
  liveSinceMs: moment('since when'),
  rule: text('what decided: an order, labels, or a rule of its own'),
  why: text('why that colour is live, one clause'),
  routes: list('hosts and paths, by the live colour’s labels', text('shop.example.com/cart')),
  appIds: list('apps that ask for it', text('app id')),
  answerTimes: QUANTILES,
  colours: list('one for each app', COLOUR),
};
