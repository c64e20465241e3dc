// The buttons: what an operator may order of a service. The page's script asks for confirmation and sends
// the order; without a script there are none, and the same is done by `teal cutover` and its like.

import type { ColourSpec, ServiceSpec } from '../plan/plan.ts';
import { type Html, html } from './html.ts';
import type { Place } from './page-place.ts';
import type { Scene } from './page-scene.ts';

/** A split is set between the colours that can serve. */
export function renderServiceOrders(scene: Scene, service: ServiceSpec): Html {
  const back = previousOf(scene, service);
  const able = service.colours.filter((colour) => colour.servers.length > 0);
  return html`<div class="orders">${back !== null && order('rollback', service, back, '↶ Roll back')}${
    able.length > 1 &&
    order(
      'split',
      service,
      null,
      'Split…',
      able.map((colour) => colour.appId),
    )
  }</div>`;
}

export function renderColourOrders(service: ServiceSpec, colour: ColourSpec, place: Place): Html {
  if (service.colours.length < 2 || place === 'live') return html``;
  const able = colour.servers.length > 0;
  return html`<div class="orders">${able && order('cutover', service, colour.appId, 'Cut over to this')}${place === 'draining' && order('drain', service, colour.appId, 'End drain in…')}</div>`;
}

/** The colour that was live before, while it is there. */
function previousOf({ view }: Scene, service: ServiceSpec): string | null {
  const last = view.history.find((one) => one.service === service.key);
  if (last === undefined || last.from === null || last.to !== service.live) return null;
  const colour = service.colours.find((one) => one.appId === last.from);
  return colour === undefined || colour.servers.length === 0 ? null : colour.appId;
}

function order(
  name: 'cutover' | 'rollback' | 'split' | 'drain',
  service: ServiceSpec,
  colour: string | null,
  text: string,
  colours: readonly string[] = [],
): Html {
  const label = colour === null ? text : `${text}: ${colour}`;
  return html`<button type="button" class="button order ${name}" data-key="${name}" data-order="${name}" data-service="${service.key}" data-live="${service.live ?? ''}" data-colour="${colour ?? ''}" data-colours="${colours.join(' ')}" aria-label="${label}">${text}</button>`;
}
