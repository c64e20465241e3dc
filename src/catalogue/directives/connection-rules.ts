// `tcp-request …`: who is let in before anything is read.

import type { Test } from '../policy.ts';
import type { Directive } from './directive.ts';
import { isRate, type Logic } from './logic.ts';
import { literal } from './placeholders.ts';
import { refuse } from './refusal.ts';
import { readTrack, refuseWith } from './request-rules.ts';

const ONLY_HTTP = 'answered with 403; a service of mode tcp does NOT carry it out';

/** Reads `tcp-request (connection|session|content) accept|reject|track-sc0 …`. */
export function readTcpRequest(words: readonly string[], directive: Directive): string | undefined {
  const [, stage = '', what = '', ...rest] = words;
  if (stage === 'inspect-delay') return 'nothing has to be waited for';
  if (!['connection', 'session', 'content'].includes(stage)) {
    refuse('expected connection, session or content');
  }
  if (/^track-sc/.test(what)) {
    readTrack([what, ...rest], directive);
    return undefined;
  }
  const when = directive.condition(rest);
  if (what === 'accept') {
    directive.allow(when);
    return undefined;
  }
  if (what !== 'reject') {
    refuse(`expected accept, reject or track-sc0 in place of ${literal(what)}`);
  }
  const inside = networksOutside(directive.asked(when));
  if (inside === null) {
    refuseWith(403, when, directive);
    return ONLY_HTTP;
  }
  const { allowedNetworks } = directive.draft;
  if (allowedNetworks.length > 0) refuse('expected all networks in one rule');
  allowedNetworks.push(...inside.map(literal));
  return undefined;
}

/** The networks of which a condition says nothing but that the client is in none. */
function networksOutside(when: Logic): readonly string[] | null {
  const [tests = [], ...more] = when;
  if (more.length > 0 || tests.length === 0) return null;
  const isOutside = tests.every((test) => !isRate(test) && isClient(test) && test.negated);
  return isOutside ? tests.flatMap((test) => (isRate(test) ? [] : test.values)) : null;
}

function isClient({ fetch, match }: Test): boolean {
  return fetch.from === 'client-address' && match === 'network';
}
