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

/** The listener with this key of a list sorted by it. */
export function findSorted(
  listeners: readonly ListenerSpec[],
  key: string,
): ListenerSpec | undefined {
  const found = listeners[placeOf(listeners, key)];
  return found?.key === key ? found : undefined;
}

/** Of the first that is not before `key`. */
function placeOf(listeners: readonly ListenerSpec[], key: string): number {
  let low = 0;
  let high = listeners.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((listeners[middle] as ListenerSpec).key < key) low = middle + 1;
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
