// Instances as they say of themselves on a quiet day.

import type { InstanceFacts, PeerLook } from '../../src/stats/peers.ts';
import { NOW_MS } from './sample-view.ts';

export function facts(id: string, changes: Partial<InstanceFacts> = {}): InstanceFacts {
  return {
    id,
    version: '0.1.0',
    node: `${id}.example.net`,
    pid: 4_200,
    nowMs: NOW_MS,
    startedAtMs: NOW_MS - 3_600_000,
    notReady: '',
    epoch: 12,
    workers: 2,
    workersBehind: 0,
    streaming: true,
    lastAnswerAtMs: NOW_MS - 4_000,
    held: false,
    groups: ['external'],
    problems: 0,
    services: [
      { key: '*:10080', live: '/zdd/green', shares: [] },
      { key: '*:10090', live: '/search/indexer', shares: [] },
    ],
    ...changes,
  };
}

export function look(name: string, changes: Partial<PeerLook> = {}): PeerLook {
  return {
    name,
    url: `http://${name}:9090`,
    facts: facts(name),
    answeredAtMs: NOW_MS,
    silentSinceMs: 0,
    error: '',
    ...changes,
  };
}

/** The first service is blue's. */
export const BLUE = {
  services: [
    { key: '*:10080', live: '/zdd/blue', shares: [] },
    { key: '*:10090', live: '/search/indexer', shares: [] },
  ],
};
