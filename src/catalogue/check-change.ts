// What templates change of the check that an app defines: `option httpchk`, `http-check expect`, `inter`,
// `port` and their like. Pure. Where an app defines none there is nothing to change.

import type { CheckSpec, HttpAsk } from './claim.ts';
import type { CheckChange, Directives } from './directives/directives.ts';

/** What is changed of the way to the servers of a port. */
export interface ServerWish {
  /** Dialled in place of each task's address; empty = theirs. */
  readonly address: string;
  /** Dialled in place of the tasks' ports; 0 = theirs. */
  readonly port: number;
  readonly check: CheckChange;
  /** True if servers speak TLS: so do checks, unless they ask another port. */
  readonly encrypted: boolean;
}

const METHODS = ['GET', 'HEAD', 'OPTIONS'] as const;
const GOOD = [[200, 399]] as const;

/** `address`: the server's that is named, as far as it can be dialled. */
export function serverWishOf({ server, check }: Directives, address: string): ServerWish {
  const isNamed = server.host === address;
  return { address, port: isNamed ? server.port : 0, check, encrypted: server.tls !== null };
}

/** `taskPort`: what the task would be dialled at without any change. Null = it is not probed. */
export function changedCheck(
  spec: CheckSpec | null,
  { port, check, encrypted }: ServerWish,
  taskPort: number,
): CheckSpec | null {
  if (spec === null || check.kind === 'none') return null;
  const asked = check.kind ?? (spec.kind === 'tcp' ? 'tcp' : 'http');
  const secure =
    spec.kind === 'https' || check.encrypted || (encrypted && check.port === 0 && asked === 'http');
  const kind = asked === 'tcp' ? 'tcp' : secure ? 'https' : 'http';
  const asks = kind === 'tcp' ? null : asksOf(check);
  return {
    kind,
    path: kind === 'tcp' ? '' : check.path || spec.path || '/',
    ...(asks === null ? {} : { asks }),
    port: check.port || (spec.port === taskPort && port > 0 ? port : spec.port),
    intervalMs: check.intervalMs || spec.intervalMs,
    timeoutMs: check.timeoutMs || spec.timeoutMs,
    rise: check.rise || spec.rise,
    fall: check.fall || spec.fall,
  };
}

function asksOf({ method, host, statuses }: CheckChange): HttpAsk | null {
  const known = METHODS.find((one) => one === method) ?? 'GET';
  if (known === 'GET' && host === '' && statuses.length === 0) return null;
  return { method: known, host, statuses: statuses.length === 0 ? GOOD : statuses };
}
