// The cut-overs as a timeline, newest first: what, when, why, and who has acknowledged how fast.

import { type Html, html } from './html.ts';
import type { Scene } from './page-scene.ts';
import type { CutOver } from './view.ts';
import { ago, count, moment } from './wording.ts';

const SHOWN = 12;

export function renderHistory(scene: Scene): Html {
  const { history } = scene.view;
  if (history.length === 0) return html`<section id="timeline"></section>`;
  return html`<section id="timeline" aria-labelledby="history"><h2 id="history">Cut-overs <span class="tally">${history.length}</span></h2>
<ol class="timeline">${history.slice(0, SHOWN).map((one) => renderEntry(scene, one))}</ol>
${history.length > SHOWN && html`<p class="hint">and ${count(history.length - SHOWN, 'earlier one')}</p>`}</section>`;
}

function renderEntry(scene: Scene, one: CutOver): Html {
  return html`<li class="${scene.hueIn(one.service, one.to)}" data-key="${one.epoch} ${one.service}"><p class="what"><b>${one.service}</b> ${chip(scene, one.service, one.from)} <span aria-label="to">→</span> ${chip(scene, one.service, one.to)}</p>
<p class="reason">${one.why}</p>
<p class="when">${ago(one.atMs, scene.view.nowMs)} <small>${moment(one.atMs)} · epoch ${one.epoch} · ${count(one.workers, 'worker')} in ${one.tookMs.toFixed(1)} ms</small></p></li>`;
}

function chip(scene: Scene, key: string, appId: string | null): Html {
  if (appId === null) return html`<span class="chip none">nothing</span>`;
  return html`<span class="chip ${scene.hueIn(key, appId)}">${appId}</span>`;
}
