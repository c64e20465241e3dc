// Where a colour stands in its service, in one word and one mark.

import type { ColourSpec, ServiceSpec } from '../plan/plan.ts';
import { type Html, html } from './html.ts';

export type Place = 'live' | 'sharing' | 'draining' | 'standby' | 'not-ready' | 'empty';

const BADGE: Readonly<Record<Place, string>> = {
  live: '● Live',
  sharing: '◐ Has a share',
  draining: '◑ Draining',
  standby: '○ Standby',
  'not-ready': '◌ Not ready',
  empty: '✕ No usable server',
};

/** Where a colour stands in its service. `inFlight`: exchanges open on its pool. */
export function placeOf(service: ServiceSpec, colour: ColourSpec, inFlight: number): Place {
  if (service.live === colour.appId) return 'live';
  if (orderedShare(service, colour.appId) > 0) return 'sharing';
  if (inFlight > 0) return 'draining';
  if (colour.servers.length === 0) return 'empty';
  return colour.ready ? 'standby' : 'not-ready';
}

export function renderBadge(place: Place): Html {
  return html`<span class="badge ${place}">${BADGE[place]}</span>`;
}

/** Percent of the requests a colour is to have; 0 where nothing is split. */
export function orderedShare({ shares }: ServiceSpec, appId: string): number {
  return shares.find((share) => share.appId === appId)?.percent ?? 0;
}
