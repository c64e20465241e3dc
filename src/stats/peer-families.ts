// Metrics of the instances beside each other: what somebody is to be woken for. None where no peers are
// configured.

import { type Exposition, labelText } from './exposition.ts';
import { settledDisagreements } from './peers.ts';
import type { View } from './view.ts';

export function writePeers(into: Exposition, { fleet, nowMs }: View): void {
  if (fleet === undefined) return;
  const peers = fleet.instances
    .filter(({ isSelf, state }) => !isSelf && state !== 'unasked' && state !== 'same')
    .map(({ name, state }) => ({ labels: labelText({ peer: name }), state }));
  into.family('teal_peer_up', 'gauge', '1 while a peer answers as an instance of Teal.');
  for (const { labels, state } of peers) {
    into.sample(labels, Number(state !== 'silent' && state !== 'answers-wrong'));
  }
  into.family('teal_peer_fine', 'gauge', '1 while a peer is up, ready and not behind.');
  for (const { labels, state } of peers) into.sample(labels, Number(state === 'fine'));
  const disagreements = settledDisagreements(fleet, nowMs);
  into.family(
    'teal_disagreements',
    'gauge',
    'Services that are not the same on this instance and its peers.',
  );
  into.sample('', disagreements.length);
  into.family(
    'teal_disagreement_since_seconds',
    'gauge',
    'Since when a service is not the same everywhere, in seconds since 1970.',
  );
  for (const { service, sinceMs } of disagreements) {
    into.sample(labelText({ service }), sinceMs / 1_000);
  }
}
