// GET /_teal/schema: what the answers of the API look like, field by field, as JSON Schema (draft 07) by
// path. Answers only ever gain fields.

import type { View } from '../../../stats/view.ts';
import type { ServiceFacts } from '../service-facts.ts';
import { EXPLANATION } from './explanation.ts';
import { FLEET } from './fleet.ts';
import { CUT_OVER } from './history.ts';
import { ORDER_FIELDS } from './orders.ts';
import { byName, count, list, type Schema, shape, text, textOrNull } from './schema-terms.ts';
import { SERVICE_FIELDS } from './services.ts';
import { STATUS } from './status.ts';

const EPOCH = count('of the plan this is of');

const PROBLEM = shape<View['problems'][number]>({
  app: textOrNull("app id; null = not one app's"),
  where: text('label, field or port'),
  value: text('cut to 200 characters; empty = nothing was there'),
  message: text('what was expected, and what happens instead'),
});

/** The plan is internal: its fields may change with every version. */
const PLAN: Schema = { type: 'object', description: 'the plan in force; its fields may change' };

/** By path. What is refused is `{ "error": one line }` everywhere. */
export const SCHEMAS: Readonly<Record<string, Schema>> = {
  '/_teal/status': STATUS,
  '/_teal/services': shape<{ epoch: number; services: unknown }>({
    epoch: EPOCH,
    services: list('in the order of the plan', shape<ServiceFacts>(SERVICE_FIELDS)),
  }),
  '/_teal/services/NAME': shape<ServiceFacts & { epoch: number }>({
    epoch: EPOCH,
    ...SERVICE_FIELDS,
  }),
  '/_teal/history': shape<Pick<View, 'history'>>({ history: list('newest first', CUT_OVER) }),
  '/_teal/problems': shape<Pick<View, 'problems'>>({
    problems: list('what is wrong', PROBLEM),
  }),
  '/_teal/peers': FLEET,
  '/_teal/plan': shape<Pick<View, 'epoch' | 'plan'>>({ epoch: EPOCH, plan: PLAN }),
  '/_teal/explain': EXPLANATION,
  '/_teal/orders': shape<Pick<View, 'epoch' | 'orders' | 'leases'>>({
    epoch: EPOCH,
    ...ORDER_FIELDS,
  }),
  '/_teal': byName('what there is, by path', text('what it answers')),
};
