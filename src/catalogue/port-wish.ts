// What the labels of one service port ask for, all in all. Pure.

import { type AccessWish, readAccessLog } from './access-wish.ts';
import { type NetworkWish, readAllowedNetworks } from './allowed-networks.ts';
import { readAuthLabels } from './auth-label.ts';
import { type BalancingWish, readBalancing } from './balancing-labels.ts';
import type { LabelOptions } from './catalogue-options.ts';
import { type ServerWish, serverWishOf } from './check-change.ts';
import type { Mode, TlsSpec } from './claim.ts';
import { type CutOverWish, readCutOver } from './cut-over-labels.ts';
import type { Directives } from './directives/directives.ts';
import type { PolicySpec, RouteSpec } from './policy.ts';
import { type PolicyWish, readPolicy } from './policy-labels.ts';
import { readBindAddress, readBindLabels, readCheckPortIndex, readMode } from './port-and-mode.ts';
import type { PortLabels } from './port-labels.ts';
import { readHosts, readRoutes } from './route-labels.ts';
import { readServerAddress, readTemplateLabels } from './template-labels.ts';

/** What is asked for on one service port. */
export interface PortWish extends BalancingWish, CutOverWish {
  readonly portIndex: number;
  readonly servicePort: number;
  readonly bindAddress: string;
  readonly listens: boolean;
  readonly mode: Mode;
  readonly tls: TlsSpec | null;
  readonly hostTls?: TlsSpec;
  readonly acceptProxy: boolean;
  readonly accessLog?: AccessWish;
  readonly routes: readonly RouteSpec[];
  readonly policy: PolicySpec;
  /** Service port whose check and task port are probed in its place; null = its own. */
  readonly checkPortIndex: number | null;
  readonly servers: ServerWish;
}

export function readPortWish(
  labels: PortLabels,
  servicePort: number,
  { hostMap, templates: texts }: LabelOptions,
): PortWish {
  const checkPortIndex = readCheckPortIndex(labels);
  const hosts = readHosts(labels);
  const asked = readMode(labels, checkPortIndex);
  const templates = readTemplateLabels(labels, {
    mode: asked,
    hosts: hosts ?? [],
    templates: texts,
  });
  const mode = templates.mode ?? asked;
  const { auth, scope } = readAuthLabels(labels, mode);
  const everywhere = scope === 'all' ? auth : null;
  const { replaced } = templates;
  const networks = readAllowedNetworks(labels, mode, templates);
  const policy = readPolicy(labels, { mode, hosts: hosts ?? [], replaced });
  return {
    portIndex: labels.portIndex,
    servicePort,
    checkPortIndex,
    servers: serverWishOf(templates, readServerAddress(labels, templates)),
    ...readBindAddress(labels, templates),
    mode,
    ...readBindLabels(labels, templates.bindOptions),
    ...readBalancing(labels, mode, templates),
    ...readCutOver(labels),
    ...readAccessLog(labels, templates),
    routes: readRoutes(labels, { mode, hosts, auth, hostMap, templates }),
    policy: {
      ...joined(policy, networks, templates, mode),
      auth: mode === 'http' ? everywhere : null,
      // Who may not come in without a password cannot come where nobody can be asked.
      ...(mode === 'tcp' && everywhere !== null ? { allowedNetworks: [] } : {}),
    },
  };
}

/** In Marathon-LB's text the labels' own rules stand behind those of templates. */
function joined(
  { request, response }: PolicyWish,
  { allowedNetworks, denial }: NetworkWish,
  templates: Directives,
  mode: Mode,
): Omit<PolicySpec, 'auth'> {
  const isHttp = mode === 'http';
  return {
    allowedNetworks,
    request: isHttp ? [...denial, ...templates.request, ...request] : [],
    response: isHttp ? [...templates.response, ...response] : [],
    timeouts: templates.timeouts,
    serverTls: templates.server.tls,
    compression: isHttp ? templates.compression : null,
    errorFiles: isHttp ? templates.errorFiles : [],
    closesServers: templates.closesServers ?? false,
    forwardedFor: isHttp ? templates.forwardedFor : null,
  };
}
