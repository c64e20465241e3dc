// A colour's policy as a worker carries it out: compiled once, when a table is built, and kept over
// tables as long as the plan says the same, with what its limits have counted.

import { isDeepStrictEqual } from 'node:util';
import type { ListenerKind, PolicySpec } from '../../plan/plan.ts';
import { ServerTls } from '../server-tls.ts';
import { type Introduce, makeIntroduction } from './forwarded-for.ts';
import { Networks } from './networks.ts';
import { makeRequestPrograms, type RequestProgram } from './request-rules.ts';
import { makeResponseProgram, type ResponseProgram } from './response-rules.ts';

export interface Policy {
  readonly spec: PolicySpec;
  /** Who may come in; null = everybody. */
  readonly networks: Networks | null;
  /** Tells servers of the client. */
  readonly introduce: Introduce;
  /** By the listener a request came in by; null = nothing is done. */
  readonly request: Readonly<Record<ListenerKind, RequestProgram | null>>;
  readonly response: ResponseProgram | null;
  /** TLS on the connections to servers; null = in plain. */
  readonly serverTls: ServerTls | null;
  /** A clause for each rule that is not carried out as it is written. */
  readonly faults: readonly string[];
}

/** Null = requests are only relayed. `before` is the same colour's in the table before. */
export function makePolicy(
  spec: PolicySpec,
  before: Policy | null,
  workers: number,
): Policy | null {
  if (before !== null && isDeepStrictEqual(before.spec, spec)) return before;
  if (isPlain(spec)) return null;
  const faults: string[] = [];
  return {
    spec,
    networks: spec.allowedNetworks === null ? null : new Networks(spec.allowedNetworks),
    introduce: makeIntroduction(spec.forwardedFor, faults),
    request: makeRequestPrograms(spec.request, workers, faults),
    response: makeResponseProgram(spec.response, faults),
    serverTls: spec.serverTls === null ? null : new ServerTls(spec.serverTls),
    faults,
  };
}

function isPlain(spec: PolicySpec): boolean {
  return (
    spec.allowedNetworks === null &&
    spec.auth === null &&
    spec.request.length === 0 &&
    spec.response.length === 0 &&
    spec.serverTls === null &&
    spec.compression === null &&
    spec.errorFiles.length === 0 &&
    !spec.closesServers &&
    spec.forwardedFor === null &&
    Object.values(spec.timeouts).every((time) => time === 0)
  );
}
