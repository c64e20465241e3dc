// The services: their colours side by side below the river of their requests, the live one marked by
// word, mark and frame, with the reason and the time it is live for. Where there are too many of them,
// one line each.

import type { ServiceSpec } from '../plan/plan.ts';
import { type Html, html } from './html.ts';
import { renderColour, topsOf } from './page-colour.ts';
import { MOST_IN_FULL, pageUri } from './page-filter.ts';
import { renderFlow } from './page-flow.ts';
import { renderServiceOrders } from './page-orders.ts';
import type { Scene } from './page-scene.ts';
import { type ShareNow, sharesNow } from './traffic-share.ts';
import { age, left, moment, percent, small } from './wording.ts';

/** More colours than this stand in rows, no river leads to them. */
const MOST_BRANCHES = 4;

export function renderService(scene: Scene, service: ServiceSpec): Html {
  const { view } = scene;
  const now = sharesNow(view, service);
  const tops = topsOf(
    service.colours.map(({ appId }) => view.trends.of(service.key, appId)),
    service.colours.flatMap(({ appId }) => scene.poolOf(service.key, appId)?.answers.trend ?? []),
  );
  return html`<article class="service" id="service-${service.key}">
<header><h3>${bindOf(service)}</h3><span class="tag">${service.mode}</span>${service.routes.flatMap((route) => route.hosts).map((host) => html`<span class="tag host">${host}</span>`)}${isFoldable(scene) && html`<a class="tag" href="${foldUri(scene, service)}">fold</a>`}${renderServiceOrders(scene, service)}
<p class="why">${renderReason(scene, service)}</p>${renderLease(scene, service)}</header>
${renderRiver(scene, service, now)}
<div class="colours">${service.colours.map((colour, place) => renderColour(scene, service, colour, now[place] as ShareNow, tops))}</div>
</article>`;
}

/** One line, a link that unfolds it. */
export function renderFolded(scene: Scene, service: ServiceSpec): Html {
  const now = sharesNow(scene.view, service);
  const perSecond = now.reduce((sum, one) => sum + one.perSecond, 0);
  const errors = now.reduce((sum, one) => sum + one.errorsPerSecond, 0);
  const live = service.colours.find((colour) => colour.appId === service.live);
  const others = service.colours.length - (live === undefined ? 0 : 1);
  const hosts = service.routes.flatMap((route) => route.hosts);
  return html`<article class="service folded" id="service-${service.key}"><a href="${unfoldUri(scene, service)}"><b>${bindOf(service)}</b>
<span class="chip ${scene.hueIn(service.key, service.live)}${live === undefined ? ' none' : ''}">${service.live ?? 'nothing live'}</span>
<span class="more">${others > 0 && `+ ${others} `}${hosts[0] ?? ''}</span>
<span class="n">${live === undefined ? '' : `${live.servers.length} of ${live.instances}`}</span>
<span class="n">${small(perSecond)}<small>/s</small></span>
<span class="n${errors > 0 ? ' alarming' : ''}">${percent(perSecond > 0 ? errors / perSecond : 0)}</span>
${renderShares(scene, service, now)}</a></article>`;
}

/** Who is live, since when and why. */
function renderReason({ view }: Scene, service: ServiceSpec): Html {
  if (service.live === null) return html`<strong>Nothing is live</strong>: ${service.why}`;
  return html`<strong>${service.live}</strong> has been live for ${age(service.liveSinceMs, view.nowMs)}, since ${moment(service.liveSinceMs)}: ${service.why}`;
}

/** Somebody has the service to themselves: a deployment that is going on. */
function renderLease({ view }: Scene, { key }: ServiceSpec): Html | false {
  const lease = view.leases.find((one) => one.service === key && one.untilMs > view.nowMs);
  if (lease === undefined) return false;
  const { by, why, untilMs } = lease;
  return html`<p class="why">Leased to <strong>${by}</strong> for ${left(untilMs, view.nowMs)}: ${why}</p>`;
}

function renderRiver(scene: Scene, service: ServiceSpec, now: readonly ShareNow[]): Html {
  const perSecond = now.reduce((sum, one) => sum + one.perSecond, 0);
  const noun = service.mode === 'http' ? 'requests/s' : 'sessions/s';
  const branches = now.map((one) => ({
    hue: scene.hueIn(service.key, one.appId),
    share: one.share,
    live: one.appId === service.live,
  }));
  const flow = now.length <= MOST_BRANCHES && renderFlow(branches);
  return html`<div class="river"><p class="source"><b>${small(perSecond)}</b> ${noun}</p>${flow}${renderShares(scene, service, now)}</div>`;
}

/** The shares as one bar, for where a river has no room. */
function renderShares(scene: Scene, service: ServiceSpec, now: readonly ShareNow[]): Html {
  let start = 0;
  const parts = now.map((one) => {
    const { share } = one;
    const x = start * 100;
    start += share;
    return html`<rect class="${scene.hueIn(service.key, one.appId)}" x="${x.toFixed(1)}" width="${(share * 100).toFixed(1)}" height="4"/>`;
  });
  return html`<svg class="shares" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="bed" width="100" height="4"/>${parts}</svg>`;
}

function isFoldable(scene: Scene): boolean {
  return scene.matching > MOST_IN_FULL;
}

function unfoldUri({ filter }: Scene, { key }: ServiceSpec): string {
  const open = [...filter.open.filter((one) => one !== key), key].slice(-MOST_IN_FULL);
  return `${pageUri({ ...filter, open })}#service-${key}`;
}

function foldUri({ filter }: Scene, { key }: ServiceSpec): string {
  return `${pageUri({ ...filter, open: filter.open.filter((one) => one !== key) })}#service-${key}`;
}

/** `:10080` on all addresses, else with the one it is bound to. */
function bindOf({ address, servicePort }: ServiceSpec): string {
  if (address === '*') return `:${servicePort}`;
  return address.includes(':') ? `[${address}]:${servicePort}` : `${address}:${servicePort}`;
}
