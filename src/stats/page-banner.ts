// The top of the page: can what stands below be believed, and is anything wrong? Freshness of the
// knowledge, workers and their epochs, and every problem with its owner.

import type { Problem } from '../catalogue/problem.ts';
import { type Html, html } from './html.ts';
import { peerFindings } from './page-peers.ts';
import { STALE_ANSWER_MS } from './peers.ts';
import type { View } from './view.ts';
import { age, ago, clock, count, duration, grouped, moment } from './wording.ts';

export type Level = 'good' | 'warn' | 'bad';

export interface Finding {
  readonly level: Level;
  readonly text: string;
  /** Where on the page more of it stands; absent = nowhere. */
  readonly href?: string;
}

const SYMBOL: Readonly<Record<Level, string>> = { good: '✓', warn: '!', bad: '✕' };
const WORD: Readonly<Record<Level, string>> = {
  good: 'All is well',
  warn: 'Attention',
  bad: 'Trouble',
};

/** What an operator should look at, worst first; empty when all is well. */
export function assess(view: View): Finding[] {
  const all = [
    ...sourceFindings(view),
    ...fleetFindings(view),
    ...orderFindings(view),
    ...peerFindings(view),
    ...planFindings(view),
  ];
  return [
    ...all.filter((finding) => finding.level === 'bad'),
    ...all.filter((finding) => finding.level === 'warn'),
  ];
}

function sourceFindings(view: View): Finding[] {
  const { source, nowMs } = view;
  const found: Finding[] = [];
  if (source.held) {
    const text = `Marathon's last answer would empty the pools: it is held back, the last good plan serves on`;
    found.push({ level: 'bad', text });
  }
  if (source.lastAnswerAtMs === 0) {
    found.push({ level: 'bad', text: 'no app list has been read from Marathon yet' });
  } else if (nowMs - source.lastAnswerAtMs > STALE_ANSWER_MS) {
    const age = duration(nowMs - source.lastAnswerAtMs);
    found.push({ level: 'warn', text: `what is known of Marathon is ${age} old` });
  }
  if (source.error !== '') {
    found.push({ level: 'warn', text: `Marathon: ${source.error}` });
  } else if (streamWord(view) === 'closed' && source.lastAnswerAtMs > 0) {
    found.push({ level: 'warn', text: 'the event stream is closed, it is being opened again' });
  }
  return found;
}

function fleetFindings(view: View): Finding[] {
  if (view.workers.length === 0) return [{ level: 'bad', text: 'no worker serves' }];
  const behind = view.workers.filter((worker) => worker.epoch !== view.epoch);
  return behind.map((worker) => ({
    level: 'warn',
    text: `worker ${worker.slot} serves by epoch ${worker.epoch}, in force is ${view.epoch}`,
  }));
}

/** A freeze is meant, but whoever waits for a cut-over has to know of it. */
function orderFindings({ orders: { freeze }, nowMs }: View): Finding[] {
  if (freeze === null || freeze.untilMs <= nowMs) return [];
  const { untilMs, by, why } = freeze;
  return [{ level: 'warn', text: `frozen until ${clock(untilMs)} by ${by}: ${why}` }];
}

function planFindings({ plan, problems }: View): Finding[] {
  const found: Finding[] = plan.services
    .filter((service) => service.live === null)
    .map((service) => ({ level: 'bad', text: `${service.key} has no usable server` }));
  if (problems.length > 0) {
    found.push({
      level: 'warn',
      text: `${count(problems.length, 'problem')} in what apps ask for`,
      href: '#problems',
    });
  }
  return found;
}

export function renderBanner(view: View): Html {
  const findings = assess(view);
  const level = findings[0]?.level ?? 'good';
  return html`<section class="banner ${level}" id="banner" aria-label="State">
<div class="verdict"><span class="mark" aria-hidden="true">${SYMBOL[level]}</span><div>
<h2>${WORD[level]}</h2>
${findings.length === 0 ? html`<p>Marathon is known, every worker serves by the plan in force, no problem was found.</p>` : html`<ul>${findings.slice(0, 6).map((one) => html`<li>${one.href === undefined ? one.text : html`<a href="${one.href}">${one.text}</a>`}</li>`)}${findings.length > 6 && html`<li>and ${findings.length - 6} more</li>`}</ul>`}
</div></div>
<dl class="facts">${facts(view)}</dl>
${renderWorkers(view)}
</section>`;
}

function facts(view: View): Html[] {
  const { source, plan, nowMs } = view;
  const live = plan.services.filter((service) => service.live !== null).length;
  const backends = view.traffic.pools.map((pool) => pool.backend);
  const inFlight = backends.reduce((sum, row) => sum + row.counters.inFlight, 0);
  const rate = backends.reduce((sum, row) => sum + row.sessionRate, 0);
  return [
    fact('Epoch', String(view.epoch), html`${acknowledged(view)}`),
    fact('Event stream', streamWord(view), html`last event ${ago(source.lastEventAtMs, nowMs)}`),
    fact(
      'Last answer',
      ago(source.lastAnswerAtMs, nowMs),
      html`${grouped(source.fetches)} read, ${grouped(source.events)} events, ${count(source.reconnects, 'reconnect')}`,
    ),
    fact('Services', String(plan.services.length), html`${live} with a live colour`),
    fact('Sessions now', grouped(inFlight), html`${grouped(rate)} new per second`),
    fact('Up', age(view.startedAtMs, nowMs), html`since ${moment(view.startedAtMs)}`),
  ];
}

function fact(name: string, value: string | Html, note: Html): Html {
  return html`<div><dt>${name}</dt><dd><strong>${value}</strong><small>${note}</small></dd></div>`;
}

function acknowledged(view: View): string {
  const behind = view.workers.filter((worker) => worker.epoch !== view.epoch).length;
  if (view.workers.length === 0) return 'no worker serves';
  if (behind > 0) return `${behind} of ${count(view.workers.length, 'worker')} behind`;
  return view.workers.length === 1
    ? 'its worker serves by it'
    : `all ${view.workers.length} workers serve by it`;
}

/** Without a single event, reconnect or error there was never meant to be a stream: `teal poll`. */
function streamWord({ source }: View): string {
  if (source.streaming) return 'open';
  const polling = source.events === 0 && source.reconnects === 0 && source.error === '';
  return polling && source.fetches > 0 ? 'not used' : 'closed';
}

function renderWorkers(view: View): Html {
  return html`<ul class="workers" aria-label="Workers">${view.workers.map((worker) => {
    const current = worker.epoch === view.epoch;
    return html`<li class="${current ? 'current' : 'behind'}"><b>Worker ${worker.slot}</b> pid ${worker.pid} · epoch ${worker.epoch} ${current ? '✓' : '✕ behind'} · up ${age(worker.startedAtMs, view.nowMs)}${worker.restarts > 0 && html` · <em>${count(worker.restarts, 'restart')}</em>`}</li>`;
  })}<li>Marathon ${view.source.url === '' ? 'not asked yet' : view.source.url}</li></ul>`;
}

/** Nothing when there is no problem. */
export function renderProblems(problems: readonly Problem[]): Html {
  if (problems.length === 0) return html`<section id="problems"></section>`;
  return html`<section id="problems" aria-labelledby="problems-head"><h2 id="problems-head">Problems <span class="tally">${problems.length}</span></h2>
<div class="scroll"><table class="list problems"><thead><tr><th scope="col">App</th><th scope="col">Where</th><th scope="col">Value</th><th scope="col">What was expected, what happens</th></tr></thead>
<tbody>${problems.map((one) => html`<tr><th scope="row">${one.app ?? 'Teal'}</th><td><code>${one.where}</code></td><td>${one.value !== '' && html`<code>${one.value}</code>`}</td><td class="wide">${one.message}</td></tr>`)}</tbody></table></div></section>`;
}
