// The state of this balancer on one sheet: whether it should get traffic, how fresh what it knows is,
// what its workers serve by, and how much is wrong.

import type { View, WorkerView } from '../../stats/view.ts';

export interface StatusFacts {
  readonly version: string;
  readonly node: string;
  readonly pid: number;
  readonly nowMs: number;
  readonly startedAtMs: number;
  readonly ready: boolean;
  /** As `/readyz` says it; empty while ready. */
  readonly notReady: string;
  readonly epoch: number;
  readonly workers: readonly WorkerView[];
  readonly source: View['source'];
  /** Since Marathon's last accepted answer; null = there was none. */
  readonly knowledgeAgeMs: number | null;
  readonly services: { readonly total: number; readonly withoutLive: readonly string[] };
  /** Colours that get no more requests and still have some in flight. */
  readonly draining: readonly {
    readonly service: string;
    readonly appId: string;
    readonly inFlight: number;
    readonly deadlineMs: number;
  }[];
  readonly problems: number;
  /** Lines of the access log that could not be written since the start. */
  readonly lostLogLines: number;
}

export function statusFacts(view: View, notReady: string): StatusFacts {
  const { version, node, pid, nowMs, startedAtMs, epoch, workers, source, plan } = view;
  const { lastAnswerAtMs } = source;
  return {
    ...{ version, node, pid, nowMs, startedAtMs },
    ready: notReady === '',
    notReady,
    ...{ epoch, workers, source },
    knowledgeAgeMs: lastAnswerAtMs === 0 ? null : nowMs - lastAnswerAtMs,
    services: {
      total: plan.services.length,
      withoutLive: plan.services.filter(({ live }) => live === null).map(({ key }) => key),
    },
    draining: view.traffic.pools.flatMap(({ service, appId, draining }) =>
      draining === null || draining.inFlight === 0
        ? []
        : { service, appId, inFlight: draining.inFlight, deadlineMs: draining.deadlineMs },
    ),
    problems: view.problems.length,
    lostLogLines: view.lostLogLines,
  };
}
