// The listeners of a plan: the shared ones, and one per service that speaks as its live colour asks.

import type { Claim } from '../catalogue/claim.ts';
import type { ListenerSpec, NamedTlsSpec, ServiceSpec, TlsSpec } from './plan.ts';
import type { PlanOptions } from './plan-options.ts';

/** Its certificates are those of `--ssl-certs`. */
export const SHARED_TLS: TlsSpec = Object.freeze({
  certificates: Object.freeze([]),
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: '',
  ciphersuites: '',
  clientCertificate: 'unasked',
  authorities: '',
});

/** Puts a listener where it belongs in a list sorted by key. */
export function insertSorted(listeners: ListenerSpec[], one: ListenerSpec): void {
  listeners.splice(placeOf(listeners, one.key), 0, one);
}

interface Keyed {
  readonly key: string;
}

/** The one with this key of a list sorted by it. */
export function findSorted<T extends Keyed>(list: readonly T[], key: string): T | undefined {
  const found = list[placeOf(list, key)];
  return found?.key === key ? found : undefined;
}

/** The same list but for these, each in the place of the one with its key; all of them are there. */
export function replaceSorted<T extends Keyed>(list: readonly T[], others: readonly T[]) {
  if (others.length === 0) return list;
  const replaced = list.slice();
  for (const one of others) replaced[placeOf(list, one.key)] = one;
  return replaced;
}

/** Of the first that is not before `key`. */
function placeOf(list: readonly Keyed[], key: string): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] as Keyed).key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** It speaks as the live colour asks, and changes with it. */
export function serviceListener(service: ServiceSpec, { tls, acceptProxy }: Claim): ListenerSpec {
  return {
    key: service.key,
    address: service.address,
    port: service.servicePort,
    kind: 'service',
    mode: service.mode,
    tls,
    byName: [],
    acceptProxy,
    name: '',
    serviceKey: service.key,
  };
}

/** Names as Marathon-LB gives its shared frontends (marathon-lb.md §3.2). */
export function sharedListeners(
  options: PlanOptions,
  byName: readonly NamedTlsSpec[],
): readonly ListenerSpec[] {
  const shared = [
    { kind: 'http', name: 'marathon_http_in', port: options.httpPort },
    { kind: 'https', name: 'marathon_https_in', port: options.httpsPort },
    { kind: 'appid', name: 'marathon_http_appid_in', port: options.appidPort },
  ] as const;
  return shared
    .filter((one) => one.port !== 0)
    .map((one) => ({
      ...one,
      tls: one.kind === 'https' ? SHARED_TLS : null,
      byName: one.kind === 'https' ? byName : [],
      acceptProxy: one.kind !== 'appid' && options.acceptProxy,
      key: `${options.bindAddress}:${one.port}`,
      address: options.bindAddress,
      mode: 'http',
      serviceKey: null,
    }));
}
