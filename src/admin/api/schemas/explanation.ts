// What /_teal/explain answers, field by field.

import type { ExplainedServer, Explanation, PassedRoute } from '../../../plan/explanation.ts';
import { amount, flag, list, oneOf, orNull, shape, text, textOrNull } from './schema-terms.ts';

const ROUTE = {
  service: text('service key'),
  appId: text('app by whose id routes of equal weight are ordered'),
  hosts: list('empty = any', text('host')),
  paths: list('empty = any', text('path')),
  weight: amount('the heaviest is tried first'),
};

export const EXPLANATION = shape<Explanation>({
  answer: text('what becomes of the request, one line'),
  notes: list('what may answer or change it before a server sees it', text('one clause')),
  listener: orNull(
    'null = nothing listens there',
    shape<NonNullable<Explanation['listener']>>({
      key: text('address:port'),
      kind: text('service, http, https or appid'),
      mode: oneOf('what is relayed', 'http', 'tcp'),
      encrypted: flag('it speaks TLS'),
    }),
  ),
  name: text('host that was looked up; empty = the listener leads to one service only'),
  route: orNull(
    'null = no route was needed or found',
    shape<NonNullable<Explanation['route']>>(ROUTE),
  ),
  passedOver: list(
    'routes of the same host that were not taken, at most 50',
    shape<PassedRoute>({ ...ROUTE, why: text('why not') }),
  ),
  service: orNull(
    'null = there is none',
    shape<NonNullable<Explanation['service']>>({
      key: text('service key'),
      live: textOrNull('app id'),
      rule: text('what decided'),
      why: text('one clause'),
    }),
  ),
  colours: list(
    'of that service',
    shape<Explanation['colours'][number]>({
      appId: text('app id'),
      chosen: flag('it may get the request'),
      why: text('why, or why not'),
    }),
  ),
  servers: list(
    'of the chosen colours',
    shape<ExplainedServer>({
      appId: text('app id'),
      id: text('Mesos task id'),
      name: text('svname'),
      address: text('ip:port'),
      candidate: flag('it may be given the request'),
      why: text('why, or why not'),
    }),
  ),
});
