// BACKEND_NETWORK_ALLOWED_ACL: who may come in at all. What cannot be read lets nobody in. Pure.

import type { Mode } from './claim.ts';
import type { Directives } from './directives/directives.ts';
import { readNetwork } from './networks.ts';
import type { RequestRule } from './policy.ts';
import type { PortLabels } from './port-labels.ts';

export interface NetworkWish {
  /** Null = everybody; empty = nobody. */
  readonly allowedNetworks: readonly string[] | null;
  /** Rules that keep more of them out. */
  readonly denial: readonly RequestRule[];
}

/** `templates`: what they say of it besides. */
export function readAllowedNetworks(
  labels: PortLabels,
  mode: Mode,
  { allowedNetworks: written, replaced }: Pick<Directives, 'allowedNetworks' | 'replaced'>,
): NetworkWish {
  const labelled = readLabel(labels);
  if (written.length === 0) return { allowedNetworks: labelled, denial: [] };
  if (labelled === null) return { allowedNetworks: written, denial: [] };
  if (replaced.some((name) => name.endsWith('_NETWORK_ALLOWED_ACL'))) {
    return { allowedNetworks: [...new Set([...labelled, ...written])], denial: [] };
  }
  // Two lists of two directives: who comes in has to be in both.
  if (mode === 'http') return { allowedNetworks: labelled, denial: [unlessIn(written)] };
  const label = labels.haproxy('BACKEND_NETWORK_ALLOWED_ACL');
  labels.notes.wrong(label, 'expected all networks here, none in templates; nobody gets in');
  return { allowedNetworks: [], denial: [] };
}

function readLabel(labels: PortLabels): readonly string[] | null {
  const label = labels.haproxy('BACKEND_NETWORK_ALLOWED_ACL');
  const value = labels.text(label);
  if (value === undefined || value === '') return null;
  const words = value.split(/\s+/).filter(Boolean);
  const networks = new Set<string>();
  const refused: string[] = [];
  for (const word of words) {
    const network = readNetwork(word);
    if (network === null) refused.push(word);
    else networks.add(network);
  }
  const effect = networks.size === 0 ? 'nobody gets in' : 'this one lets nobody in';
  for (const piece of refused.length === 0 && networks.size === 0 ? [''] : refused) {
    labels.notes.wrong(label, `expected addresses and networks (10.0.0.0/8); ${effect}`, { piece });
  }
  return [...networks];
}

function unlessIn(networks: readonly string[]): RequestRule {
  const client = { from: 'client-address', name: '', converters: [] } as const;
  const test = {
    fetch: client,
    match: 'network',
    values: networks,
    ignoresCase: false,
    negated: false,
  } as const;
  return {
    when: { negated: true, anyOf: [[test]] },
    action: { do: 'deny', status: 403 },
    scope: 'everywhere',
  };
}
