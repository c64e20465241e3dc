// What GET /_teal/orders answers, field by field.

import type { LeaseView, View } from '../../../stats/view.ts';
import {
  amount,
  byName,
  count,
  list,
  moment,
  oneOf,
  orNull,
  type Schema,
  shape,
  text,
} from './schema-terms.ts';

type Orders = View['orders'];
type ServiceOrders = Orders['services'][string];
type Pin = NonNullable<ServiceOrders['pin']>;
type Split = NonNullable<ServiceOrders['split']>;
type Share = Split['shares'][number];
type RefusedVersion = ServiceOrders['refused'][number];
type Freeze = NonNullable<Orders['freeze']>;

const SIGNED = {
  by: text('who ordered it'),
  why: text('one clause'),
  atMs: moment('when'),
};

/** What part of the requests a colour gets. */
export const SHARE = shape<Share>({
  appId: text('app id'),
  percent: amount('of a hundred'),
});

const SHARES = list('of the requests, 100 together', SHARE);

const SERVICE_ORDERS = shape<ServiceOrders>({
  pin: orNull('a cut-over that is held', shape<Pin>({ appId: text('app id'), ...SIGNED })),
  split: orNull('shares by order', shape<Split>({ shares: SHARES, ...SIGNED })),
  servers: byName('by pxname/svname', oneOf('its state', 'drain', 'maint')),
  refused: list(
    'versions that are not made live by themselves, oldest first',
    shape<RefusedVersion>({ appId: text('app id'), version: text('of the app'), ...SIGNED }),
  ),
  drainMs: byName('how long what is in flight may go on, by app id', amount('ms')),
});

export const ORDER_FIELDS: { readonly [Name in 'orders' | 'leases']: Schema } = {
  orders: shape<Orders>({
    revision: count('grows with every change'),
    services: byName('by service key; those without orders are absent', SERVICE_ORDERS),
    freeze: orNull(
      'nothing changes hands until then',
      shape<Freeze>({ untilMs: moment('the end'), ...SIGNED }),
    ),
  }),
  leases: list(
    'services that somebody has to themselves',
    shape<LeaseView>({
      service: text('service key'),
      by: text('who'),
      why: text('one clause'),
      untilMs: moment('the end'),
    }),
  ),
};
