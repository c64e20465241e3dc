// `tcp-request …`: who is let in before anything is read.

import type { Test } from '../policy.ts';
import type { Directive } from './draft.ts';
import { isAlways, isRate, type Logic } from './logic.ts';
import { literal } from './placeholders.ts';
import { refuse } from './refusal.ts';
import { refuseWith } from './request-rules.ts';

const ONLY_HTTP = 'answered with 403; a service of mode tcp does NOT carry it out';

/** Reads `tcp-request (connection|session|content) accept|reject|track-sc0 …`. */
export function readTcpRequest(words: readonly string[], directive: Directive): string | undefined {
  const [, stage = '', what = '', ...rest] = words;
  if (stage === 'inspect-delay') return 'nothing has to be waited for';
  if (!['connection', 'session', 'content'].includes(stage))
    refuse('expected connection, session or content');
  if (/^track-sc/.test(what)) {
    const at = rest.findIndex((word) => word === 'if' || word === 'unless');
    const end = at === -1 ? rest.length : at;
    directive.draft.rates.track(
      [what, ...rest.slice(0, end)],
      directive.condition(rest.slice(end)),
    );
    return undefined;
  }
  const when = directive.condition(rest);
  if (what === 'accept') return readAccept(when, directive);
  if (what !== 'reject')
    refuse(`expected accept, reject or track-sc0 in place of ${literal(what)}`);
  const outside = networksOf(when, true);
  if (outside !== null) {
    allow(outside, directive);
    return undefined;
  }
  // What was accepted before it is the list of those who may come in.
  if (isAlways(when) && directive.draft.allowedNetworks.length > 0) return undefined;
  refuseWith(403, when, directive);
  return ONLY_HTTP;
}

function readAccept(when: Logic, directive: Directive): string | undefined {
  if (isAlways(when)) return undefined;
  const inside = networksOf(when, false);
  if (inside !== null) {
    allow(inside, directive);
    return 'all others are kept out';
  }
  directive.onRequest({ do: 'allow' }, when);
  return ONLY_HTTP;
}

function allow(networks: readonly string[], directive: Directive): void {
  const { allowedNetworks } = directive.draft;
  if (allowedNetworks.length > 0) refuse('expected all networks in one acl');
  allowedNetworks.push(...networks.map(literal));
}

/** The networks of a condition that is nothing but a look at the client's address. */
function networksOf(when: Logic, negated: boolean): readonly string[] | null {
  const [tests, ...more] = when;
  const [test, ...others] = tests ?? [];
  if (test === undefined || more.length > 0 || others.length > 0 || isRate(test)) return null;
  return isClient(test) && test.negated === negated ? test.values : null;
}

function isClient({ fetch, match }: Test): boolean {
  return fetch.from === 'client-address' && match === 'network';
}
