// What has been read of a port's templates → `Directives`: rules in the order of their evaluation, and
// nothing that is the case anyway.

import type { Directives } from './directives.ts';
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
    replaced,
    understood: draft.understood,
    ignored: draft.ignored,
  };
}

function inOrder<Rule>(rules: readonly Placed<Rule>[]): readonly Rule[] {
  const place = ({ section, phase }: Placed<Rule>): number => ORDER.indexOf(section) * 10 + phase;
  return [...rules].sort((a, b) => place(a) - place(b)).map(({ rule }) => rule);
}

/** Null where they come to what VHOST and PATH make. */
function routesOf(draft: Draft): Directives['routes'] {
  const routes = [...draft.routes.values()];
  const isUsual = routes.every(
    ({ hosts, paths }) =>
      hosts.join() === '{hostname}' && (paths.length === 0 || paths.join() === '{path}'),
  );
  return isUsual ? null : routes;
}

function compressionOf({
  compressionAlgorithms,
  compressionTypes,
}: Draft): Directives['compression'] {
  if (compressionAlgorithms === null || compressionAlgorithms.length === 0) return null;
  return { algorithms: compressionAlgorithms, types: compressionTypes };
}
