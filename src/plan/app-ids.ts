// Which app ids lead to which service from the app id listener (marathon-lb.md §3.6): those of its
// colours or of their deployment group, to the http service with the lowest port.

import type { Claim } from '../catalogue/claim.ts';
import { isSameList } from '../catalogue/memo.ts';
import { compare } from '../catalogue/sorted.ts';
import { isGranted, type Place, type Places } from './places.ts';

/** Ids that would lead to a service of these colours, sorted. */
export function idsOf(colours: readonly Claim[]): readonly string[] {
  const ids = new Set<string>();
  for (const { mode, appId, deployment } of colours) {
    if (mode === 'http') ids.add(deployment?.group ?? appId);
  }
  return [...ids].sort(compare);
}

/** Gives each place its `appIds`; the places where they are others than before. */
export function shareAppIds({ all }: Places): readonly Place[] {
  const owners = new Map<string, Place>();
  for (const place of all) {
    if (!isGranted(place)) continue;
    for (const id of place.ids) {
      const owner = owners.get(id);
      if (owner === undefined || place.port < owner.port) owners.set(id, place);
    }
  }
  return all.filter((place) => {
    const appIds = place.ids.filter((id) => owners.get(id) === place);
    if (isSameList(appIds, place.appIds)) return false;
    place.appIds = appIds;
    return true;
  });
}
