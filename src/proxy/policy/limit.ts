// Limits by client, or by whatever a rule names: of requests, connections or errors in a while, or of
// what is in flight at once. Each worker holds its share of a limit.

import type { RequestAction } from '../../plan/plan.ts';
import { lastOf, makeFetcher } from './fetch.ts';
import { Rates } from './rate.ts';
import type { Subject } from './subject.ts';

type LimitSpec = Extract<RequestAction, { readonly do: 'limit' }>;

/** Counts a request; true if it is over the limit. */
export type Exceeds = (subject: Subject) => boolean;

export function makeLimit(spec: LimitSpec, workers: number): Exceeds {
  const fetch = makeFetcher(spec.key);
  const share = Math.max(1, spec.most / workers);
  // A request without the key is not limited, as HAProxy does not track it.
  if (spec.counts === 'open-connections') return makeGauge(fetch, share);
  const rates = new Rates(spec.periodMs);
  const { counts } = spec;
  return (subject) => {
    const key = lastOf(fetch(subject));
    if (key === '') return false;
    const nowMs = performance.now();
    if (counts === 'errors') {
      subject.whenAnswered((status) => {
        if (status >= 400 && status < 500) rates.add(key, performance.now());
      });
    } else if (counts === 'requests' || subject.visitor.isFirst) {
      rates.add(key, nowMs);
    }
    return rates.of(key, nowMs) > share;
  };
}

function makeGauge(fetch: ReturnType<typeof makeFetcher>, share: number): Exceeds {
  const open = new Map<string, number>();
  return (subject) => {
    const key = lastOf(fetch(subject));
    if (key === '') return false;
    const count = (open.get(key) ?? 0) + 1;
    open.set(key, count);
    subject.whenOver(() => {
      const left = (open.get(key) ?? 1) - 1;
      if (left === 0) open.delete(key);
      else open.set(key, left);
    });
    return count > share;
  };
}
