// A data plane with one service on a port of its own, whose live colour has a policy.

import { NO_POLICY } from '../../../src/catalogue/policy.ts';
import type {
  Fetch,
  PolicySpec,
  RequestAction,
  ResponseAction,
  Test,
} from '../../../src/plan/plan.ts';
import type { ProxySettings } from '../../../src/proxy/settings.ts';
import { Bench, colour, listener, service } from '../plans.ts';

export interface Policed {
  readonly bench: Bench;
  readonly port: number;
}

export interface PolicedOptions {
  readonly settings?: Partial<ProxySettings>;
  readonly sendProxy?: 0 | 1 | 2;
}

/** Servers on these ports of 127.0.0.1, treated as `policy` says. The caller closes the bench. */
export async function policed(
  ports: readonly number[],
  policy: Partial<PolicySpec>,
  { settings = {}, sendProxy = 0 }: PolicedOptions = {},
): Promise<Policed> {
  const bench = new Bench(settings);
  const plain = colour(
    '/a',
    ports.map((port) => ({ port })),
  );
  const one = { ...plain, sendProxy, policy: { ...NO_POLICY, ...policy } };
  bench.publish({ listeners: [listener('service', 10_080)], services: [service('/a', [one])] });
  return { bench, port: await bench.open('*:10080') };
}

export function fetch(from: Fetch['from'], name = ''): Fetch {
  return { from, name, converters: [] };
}

/** A test of `from` that one of `values` matches. */
export function test(from: Fetch['from'] | Fetch, match: Test['match'], ...values: string[]): Test {
  const fetched = typeof from === 'string' ? fetch(from) : from;
  return { fetch: fetched, match, values, ignoresCase: false, negated: false };
}

/** Rules for requests by every way, each always or if `test` holds. */
export function requests(
  ...rules: readonly (RequestAction | readonly [RequestAction, Test])[]
): Pick<PolicySpec, 'request'> {
  return {
    request: rules.map((rule) => ({ scope: 'everywhere', ...ruled(rule) })),
  };
}

/** The same for responses. */
export function responses(
  ...rules: readonly (ResponseAction | readonly [ResponseAction, Test])[]
): Pick<PolicySpec, 'response'> {
  return { response: rules.map(ruled) };
}

function ruled<A extends object>(rule: A | readonly [A, Test]) {
  if (!isPair(rule)) return { action: rule, when: null };
  const [action, one] = rule;
  return { action, when: { negated: false, anyOf: [[one]] } };
}

function isPair<A extends object>(rule: A | readonly [A, Test]): rule is readonly [A, Test] {
  return Array.isArray(rule);
}
