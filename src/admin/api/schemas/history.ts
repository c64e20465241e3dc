// An entry of /_teal/history, field by field.

import type {
  BakeRecord,
  CutOver,
  DrainRecord,
  RatesRecord,
  WorkerTime,
} from '../../../stats/view.ts';
import {
  amount,
  amountOrNull,
  count,
  list,
  moment,
  oneOf,
  orNull,
  shape,
  text,
  textOrNull,
} from './schema-terms.ts';

export const CUT_OVER = shape<CutOver>(
  {
    atMs: moment('when the last worker acknowledged'),
    service: text('service key; empty for an order on all of them'),
    order: text('kind of the order; bake = Teal went back by itself; empty = its own rules'),
    by: text('who ordered it; empty = Teal'),
    from: textOrNull('app id; null = nothing was live'),
    to: textOrNull('app id; null = nothing is live any more'),
    why: text('one clause'),
    epoch: count('that put it in force'),
    workers: count('that acknowledged'),
    tookMs: amount("from the decision to the last worker's acknowledgement"),
    byWorker: list(
      'each of them; absent in old records',
      shape<WorkerTime>({ pid: count('process id'), tookMs: amount('from the decision') }),
    ),
    drain: orNull(
      'null = `from` had nothing in flight, or went on',
      shape<DrainRecord>({
        inFlight: count('when it stopped being live'),
        cut: count('ended at the deadline'),
        endedAtMs: moment('when the last was gone; 0 = some are left'),
      }),
    ),
    rates: shape<RatesRecord>({
      requestsBefore: count('of the colour that was left, while it was live'),
      errorPercentBefore: amountOrNull('of them failed; null = there were none'),
      requests: count('of the colour that came, in its first minute'),
      errorPercent: amountOrNull('of them failed; null = there were none'),
      watchedMs: amount('so long after it came'),
    }),
    bake: orNull(
      'null = `to` is not watched',
      shape<BakeRecord>({
        state: oneOf('how it does', 'baking', 'fine', 'worse', 'unknown'),
        untilMs: moment('until when it is watched'),
        why: text('one clause'),
        errorPercentBefore: amountOrNull('of the colour before; null = too few requests'),
        errorPercent: amountOrNull('of this one; null = too few requests'),
      }),
    ),
  },
  ['byWorker', 'rates'],
);
