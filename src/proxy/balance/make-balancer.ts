// Which way of choosing a pool's plan asks for.

import type { BalanceSpec } from '../../plan/plan.ts';
import type { Balancer, Member } from './balancer.ts';
import { FirstFree } from './first-free.ts';
import { HashRing } from './hash-ring.ts';
import { LeastConnections } from './least-connections.ts';
import { RandomChoice } from './random-choice.ts';
import { RoundRobin } from './round-robin.ts';

/** True for algorithms that want a key. */
export function isKeyed({ algorithm }: BalanceSpec): boolean {
  return (
    algorithm === 'source' ||
    algorithm === 'uri' ||
    algorithm === 'url_param' ||
    algorithm === 'hdr'
  );
}

export function makeBalancer<M extends Member>(spec: BalanceSpec): Balancer<M> {
  switch (spec.algorithm) {
    case 'roundrobin':
      return new RoundRobin<M>((member) => member.share);
    case 'static-rr':
      return new RoundRobin<M>((member) => member.weight);
    case 'leastconn':
      return new LeastConnections<M>();
    case 'first':
      return new FirstFree<M>();
    case 'random':
      return new RandomChoice<M>(spec.draws, Math.random);
    default:
      return new HashRing<M>();
  }
}
