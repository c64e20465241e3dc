// What has been read of a port's templates → `Directives`: rules in the order of their evaluation, and
// nothing that is the case anyway.

import { isDeepStrictEqual } from 'node:util';
import { type ForwardedForSpec, USUAL_FORWARDED_FOR } from '../policy.ts';
import type { Directives, RoutePattern } from './directives.ts';
import type { Draft, Placed } from './draft.ts';
import { touchesOwnField } from './own-fields.ts';

/** Listeners first; rules for all apps before those of one. */
const ORDER = ['http', 'https', 'appid', 'frontend', 'global', 'backend'];

export function finish(draft: Draft, replaced: readonly string[]): Directives {
  const isTouched = draft.request.some(({ rule, isOwn }) => !isOwn && touchesOwnField(rule.action));
  const request = draft.request.filter(({ isOwn }) => isTouched || !isOwn);
  return {
    request: inOrder(request),
    response: inOrder(draft.response),
    allowedNetworks: draft.allowedNetworks,
    timeouts: draft.timeouts,
    balance: draft.balance,
    mode: draft.mode,
    server: draft.server,
    check: draft.check,
    bindOptions: draft.bindOptions.join(' '),
    bindAddress: draft.bindAddress,
    bindsServicePort: draft.bindsServicePort,
    routes: routesOf(draft),
    compression: compressionOf(draft),
    errorFiles: [...draft.errorFiles].map(([status, path]) => ({ status, path })),
    closesServers: draft.closesServers,
    logged: draft.logged,
    forwardedFor: forwardedForOf(draft),
    replaced,
    understood: draft.understood,
    ignored: draft.ignored,
  };
}

function inOrder<Rule>(rules: readonly Placed<Rule>[]): readonly Rule[] {
  const place = ({ section, phase }: Placed<Rule>): number => ORDER.indexOf(section) * 10 + phase;
  return [...rules].sort((a, b) => place(a) - place(b)).map(({ rule }) => rule);
}

const USUAL: RoutePattern = { hosts: ['{hostname}'], paths: ['{path}'] };

/**
 * Null where they come to what VHOST and PATH make. A listener without a text of its own is led from as
 * usual; services have the same routes on both.
 */
function routesOf({ routes }: Draft): Directives['routes'] {
  const given = (['http', 'https'] as const).flatMap((section) => routes.get(section) ?? [USUAL]);
  const different = new Map(given.map((route) => [JSON.stringify(route), route]));
  return [...different.values()].every(isUsual) ? null : [...different.values()];
}

/** Templates without a path in their name are for ports without PATH. */
function isUsual({ hosts, paths }: RoutePattern): boolean {
  return (
    hosts.join() === '{hostname}' && (paths.length === 0 || paths.join() === USUAL.paths.join())
  );
}

function compressionOf({
  compressionAlgorithms,
  compressionTypes,
}: Draft): Directives['compression'] {
  if (compressionAlgorithms === null || compressionAlgorithms.length === 0) return null;
  return { algorithms: compressionAlgorithms, types: compressionTypes };
}

/**
 * The backend's own word on the field counts, then that of `defaults`; whom either the frontend or the
 * backend excepts is not told of, and both have to say `if-none`.
 */
function forwardedForOf({ forwardedFor }: Draft): ForwardedForSpec | null {
  const backend = forwardedFor.get('backend') ?? forwardedFor.get('global') ?? USUAL_FORWARDED_FOR;
  const frontend = forwardedFor.get('frontend') ?? backend;
  const spec = {
    header: backend.header,
    except: [...new Set([...frontend.except, ...backend.except])],
    ifNone: backend.ifNone && frontend.ifNone,
  };
  return isDeepStrictEqual(spec, USUAL_FORWARDED_FOR) ? null : spec;
}
