// Cut-overs and orders as a timeline, newest first: what, when, why, who, how fast every worker had it,
// and what became of the requests that were in flight.

import { type Html, html } from './html.ts';
import type { Scene } from './page-scene.ts';
import type { BakeRecord, CutOver, DrainRecord, RatesRecord } from './view.ts';
import { ago, count, duration, grouped, moment } from './wording.ts';

const SHOWN = 12;

export function renderHistory(scene: Scene): Html {
  const { history } = scene.view;
  if (history.length === 0) return html`<section id="timeline"></section>`;
  return html`<section id="timeline" aria-labelledby="history"><h2 id="history">Cut-overs and orders <span class="tally">${history.length}</span></h2>
<ol class="timeline">${history.slice(0, SHOWN).map((one) => renderEntry(scene, one))}</ol>
${history.length > SHOWN && html`<p class="hint">and ${count(history.length - SHOWN, 'earlier one')}</p>`}</section>`;
}

function renderEntry(scene: Scene, one: CutOver): Html {
  const { nowMs } = scene.view;
  return html`<li class="${scene.hueIn(one.service, one.to)}" data-key="${one.epoch} ${one.order} ${one.service}"><p class="what"><b>${one.service === '' ? 'All services' : one.service}</b> ${renderWay(scene, one)}</p>
<p class="reason">${one.why}${one.by !== '' && `, by ${one.by}`}${renderDrain(one.drain, one.atMs)}${renderRates(one.rates)}${renderBake(one.bake)}</p>
<p class="when">${ago(one.atMs, nowMs)} <small>${moment(one.atMs)} · epoch ${one.epoch} · <span title="${timesOf(one)}">${count(one.workers, 'worker')} in ${one.tookMs.toFixed(1)} ms</span></small></p></li>`;
}

function timesOf({ byWorker = [] }: CutOver): string {
  return byWorker.map(({ pid, tookMs }) => `${pid}: ${tookMs.toFixed(1)} ms`).join(', ');
}

/** From one colour to another; else which order left what is live as it is. */
function renderWay(scene: Scene, { service, from, to, order }: CutOver): Html {
  const tag = order !== '' && html` <span class="tag">${order}</span>`;
  if (from === to) return html`${to !== null && chip(scene, service, to)}${tag}`;
  return html`${chip(scene, service, from)} <span aria-label="to">→</span> ${chip(scene, service, to)}${tag}`;
}

function renderDrain(drain: DrainRecord | null, atMs: number): Html | false {
  if (drain === null || drain.inFlight === 0) return false;
  const { inFlight, cut, endedAtMs } = drain;
  const end = endedAtMs === 0 ? 'still draining' : `drained in ${duration(endedAtMs - atMs)}`;
  return html` <small>${grouped(inFlight)} in flight, ${end}${cut > 0 && `, ${grouped(cut)} cut`}</small>`;
}

/** Nothing where nobody asked. */
function renderRates(rates: RatesRecord | undefined): Html | false {
  if (rates === undefined || rates.requestsBefore + rates.requests === 0) return false;
  const { requestsBefore, errorPercentBefore, requests, errorPercent } = rates;
  return html` <small>failed before: ${share(errorPercentBefore, requestsBefore)}, since: ${share(errorPercent, requests)}</small>`;
}

function share(percent: number | null, of: number): string {
  return percent === null ? 'no requests' : `${percent.toFixed(1)} % of ${grouped(of)}`;
}

function renderBake(bake: BakeRecord | null): Html | false {
  if (bake === null) return false;
  return html` <small>${bake.state}${bake.why !== '' && `: ${bake.why}`}</small>`;
}

function chip(scene: Scene, key: string, appId: string | null): Html {
  if (appId === null) return html`<span class="chip none">nothing</span>`;
  return html`<span class="chip ${scene.hueIn(key, appId)}">${appId}</span>`;
}
