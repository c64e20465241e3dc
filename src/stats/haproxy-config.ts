// The plan in HAProxy's words: for people who look for their app in it, and for scripts that cut out of it
// what Marathon-LB's configuration had. Teal reads nothing of it. Pure; holds no key and no password.

import type { Plan, TimeoutsSpec } from '../plan/plan.ts';
import { backend, timeoutLines } from './haproxy-backends.ts';
import { entrance, shared, userlists } from './haproxy-frontends.ts';

export interface ConfigFacts {
  readonly version: string;
  readonly plan: Plan;
  /** `address:port` of the admin server. */
  readonly statsKey: string;
  readonly timeouts: TimeoutsSpec;
  readonly retries: number;
  /** Connections over all listeners, and of each; 0 = any number. */
  readonly maxConnections: number;
  readonly listenerMaxConnections: number;
}

/** Sections apart by a blank line, their lines two blanks in. */
export function renderConfig(facts: ConfigFacts): string {
  const { plan } = facts;
  const byKey = new Map(plan.services.map((service) => [service.key, service]));
  const sections: string[][] = [
    [
      `# What Teal ${facts.version} serves, in HAProxy's words. It is made from the plan, nothing reads it.`,
    ],
    ['global', ...(facts.maxConnections === 0 ? [] : [`maxconn ${facts.maxConnections}`])],
    defaults(facts),
    [
      'listen stats',
      `bind ${facts.statsKey}`,
      'mode http',
      'stats enable',
      'monitor-uri /_haproxy_health_check',
    ],
    ...plan.services.flatMap(userlists),
  ];
  for (const listener of plan.listeners) {
    const service = byKey.get(listener.serviceKey ?? '');
    sections.push(service === undefined ? shared(listener, plan) : entrance(listener, service));
  }
  for (const service of plan.services) {
    for (const colour of service.colours) sections.push(backend(service, colour));
  }
  return `${sections.map(([head, ...lines]) => [head, ...lines.map((line) => `  ${line}`)].join('\n')).join('\n\n')}\n`;
}

function defaults({ timeouts, retries, listenerMaxConnections }: ConfigFacts): string[] {
  return [
    'defaults',
    ...(listenerMaxConnections === 0 ? [] : [`maxconn ${listenerMaxConnections}`]),
    ...timeoutLines(timeouts),
    `retries ${retries}`,
    'option redispatch',
    'option dontlognull',
    'option forwardfor',
  ];
}
