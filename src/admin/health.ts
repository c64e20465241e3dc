// Health of the balancer for whoever sends it traffic: `/healthz` says that the process lives, `/readyz`
// whether it should get traffic. Neither gathers anything, so that they answer while workers do not.

import { type Answer, plain, refusal } from './answer.ts';

/** Why no traffic should come here: one clause; empty = it may. */
export type Readiness = () => string;

/** Null where `path` asks for something else. */
export function answerHealth(path: string, notReady: Readiness): Answer | null {
  if (path === '/healthz') return plain('ok\n');
  if (path !== '/readyz') return null;
  const reason = notReady();
  return reason === ''
    ? plain('ready\n')
    : refusal(503, `not ready: ${reason}`, { 'retry-after': '1' });
}
