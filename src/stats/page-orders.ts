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
  const shares = able.map(({ appId }) => {
    const share = service.shares.find((one) => one.appId === appId)?.percent;
    return `${share ?? (appId === service.live ? 100 : 0)} ${appId}`;
  });
  return html`<div class="orders">${back !== null && button('rollback', service, '↶ Roll back', { colour: back })}${able.length > 1 && button('split', service, 'Split…', { shares: shares.join('\n') })}${(service.rule === 'pin' || service.rule === 'split') && button('release', service, 'Release', {})}</div>`;
}

export function renderColourOrders(service: ServiceSpec, colour: ColourSpec, place: Place): Html {
  const { appId } = colour;
  const able = service.live !== appId || service.shares.length > 0;
  if (service.colours.length < 2 || !able || colour.servers.length === 0) return html``;
  return html`<div class="orders">${button('cutover', service, 'Cut over to this', { colour: appId })}${place === 'draining' && button('drain', service, 'End drain…', { colour: appId })}</div>`;
}

/** The colour that was live before, while it is there. */
function previousOf({ view }: Scene, { key, live, colours }: ServiceSpec): string | null {
  const last = view.history.find((one) => one.service === key && one.from !== one.to);
  if (last === undefined || last.from === null || last.to !== live) return null;
  const colour = colours.find((one) => one.appId === last.from);
  return colour === undefined || colour.servers.length === 0 ? null : colour.appId;
}

type OrderName = 'cutover' | 'rollback' | 'split' | 'release' | 'drain';

function button(
  name: OrderName,
  { key, live }: ServiceSpec,
  text: string,
  { colour = '', shares = '' }: { readonly colour?: string; readonly shares?: string },
): Html {
  const label = colour === '' ? text : `${text}: ${colour}`;
  return html`<button type="button" class="button order ${name}" data-key="${name}" data-order="${name}" data-service="${key}" data-live="${live ?? ''}" data-colour="${colour}" data-shares="${shares}" aria-label="${label}">${text}</button>`;
}
