// What /_teal/peers answers, field by field.

import type {
  Disagreement,
  FleetView,
  Instance,
  InstanceFacts,
  LiveFacts,
} from '../../../stats/peers.ts';
import { SHARE } from './orders.ts';
import {
  count,
  flag,
  list,
  moment,
  oneOf,
  orNull,
  shape,
  text,
  textOrNull,
} from './schema-terms.ts';

const INSTANCE_FACTS = shape<InstanceFacts>({
  id: text('made anew by every process'),
  version: text('of Teal'),
  node: text('host name'),
  pid: count('of the primary process'),
  nowMs: moment('by its own clock'),
  startedAtMs: moment('when it started'),
  notReady: text('as /readyz says it; empty while ready'),
  epoch: count('its own count'),
  workers: count('worker processes'),
  workersBehind: count('of these, that serve by another epoch'),
  streaming: flag('the event stream is open'),
  lastAnswerAtMs: moment("Marathon's last accepted answer; 0 = never"),
  held: flag('an answer is held back because it would empty the pools'),
  groups: list('that it serves', text('HAPROXY_GROUP')),
  problems: count('see /_teal/problems'),
  services: list(
    'what is live',
    shape<LiveFacts>({
      key: text('service key; its own bind address is *, too'),
      live: textOrNull('app id'),
      shares: list('empty = all requests are for the live one', SHARE),
    }),
  ),
});

export const FLEET = shape<FleetView>({
  instances: list(
    'this one first, then by name',
    shape<Instance>({
      name: text('as configured'),
      url: text('of its stats port'),
      facts: orNull('what it said last; null = it never has', INSTANCE_FACTS),
      answeredAtMs: moment('when it said that; 0 = never'),
      silentSinceMs: moment('since when it does not answer; 0 = it does'),
      error: text('why it does not, one clause'),
      isSelf: flag('it is this one'),
      state: oneOf(
        'how it is',
        ...['fine', 'behind', 'not-ready', 'silent', 'answers-wrong', 'unasked', 'same'],
      ),
      notes: list('why it is not fine', text('one clause')),
    }),
  ),
  disagreements: list(
    'services that are not the same everywhere',
    shape<Disagreement>({
      service: text('service key'),
      sinceMs: moment('first seen'),
      says: list(
        'the most frequent first',
        shape<Disagreement['says'][number]>({
          what: text('what is said'),
          instances: list('by whom', text('name')),
        }),
      ),
    }),
  ),
  faults: list('peers that could not be found', text('one line')),
});
