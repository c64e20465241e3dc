// A service or colour by any of the names people have for it. Pure.

import type { ColourSpec, Plan, ServiceSpec } from './plan.ts';

export type FoundService =
  | { readonly service: ServiceSpec }
  /** One line: what was looked for and what there is. */
  | { readonly fault: string };

/** Kinds of names in order of preference: a port is one before it is part of a host. */
const NAMES: readonly ((service: ServiceSpec) => readonly string[])[] = [
  ({ key }) => [key],
  ({ servicePort }) => [String(servicePort), `:${servicePort}`],
  ({ colours }) => colours.map(({ name }) => name),
  ({ colours }) => colours.map(({ appId }) => appId),
  ({ appIds }) => appIds,
  ({ colours }) => colours.map(({ appId }) => appId.slice(1)),
  ({ routes }) => routes.flatMap(({ hosts }) => hosts),
  ({ colours }) => [sharedFolder(colours)],
  ({ colours }) => sharedStem(colours),
];

const MAX_NAMED = 8;

/** By service key, port, pxname, app id (its slash may be left out), group, host, common folder or stem. */
export function findService({ services }: Plan, name: string): FoundService {
  for (const namesOf of NAMES) {
    const found = services.filter((service) => namesOf(service).includes(name));
    const [service] = found;
    if (service !== undefined && found.length === 1) return { service };
    if (found.length > 1) {
      return {
        fault: `'${name}' is more than one service: ${listed(found)}; name one by its key`,
      };
    }
  }
  const there = services.length === 0 ? 'there are none yet' : `there are ${listed(services)}`;
  return { fault: `no service '${name}': ${there}` };
}

/**
 * By app id, its last segment, or what that ends in (`blue` of `/shop-blue`); undefined = none, or more
 * than one.
 */
export function findColour(service: ServiceSpec, name: string): ColourSpec | undefined {
  const exact = service.colours.find(({ appId }) => appId === name || appId === `/${name}`);
  if (exact !== undefined) return exact;
  const found = service.colours.filter(({ appId }) => lastSegment(appId) === name);
  if (found.length === 1) return found[0];
  const ending = service.colours.filter(({ appId }) => endOf(lastSegment(appId)) === name);
  return found.length === 0 && ending.length === 1 ? ending[0] : undefined;
}

export function lastSegment(appId: string): string {
  return appId.slice(appId.lastIndexOf('/') + 1);
}

/** `/zdd` for `/zdd/blue` and `/zdd/green`; empty when they have none in common. */
function sharedFolder(colours: readonly ColourSpec[]): string {
  const [first, ...others] = colours.map(({ appId }) => appId.slice(0, appId.lastIndexOf('/')));
  return first !== undefined && others.length > 0 && others.every((one) => one === first)
    ? first
    : '';
}

/** `/shop` and `shop` for `/shop-blue` and `/shop-green`, as `teal deploy` names them; else nothing. */
function sharedStem(colours: readonly ColourSpec[]): readonly string[] {
  const [first, ...others] = colours.map(({ appId }) => stemOf(appId));
  const isShared = others.length > 0 && others.every((one) => one === first);
  return first !== undefined && isShared ? [first, first.slice(1)] : [];
}

function stemOf(appId: string): string {
  return appId.slice(0, Math.max(0, appId.lastIndexOf('-')));
}

function endOf(segment: string): string {
  return segment.slice(segment.lastIndexOf('-') + 1);
}

function listed(services: readonly ServiceSpec[]): string {
  const keys = services.slice(0, MAX_NAMED).map(({ key }) => key);
  return keys.join(', ') + (services.length > MAX_NAMED ? ', …' : '');
}
