// The instances beside each other: whether they answer, how fresh they are, what is live on each, and, above
// all that, which services they disagree about. Nothing where no peers are configured.

import { type Html, html } from './html.ts';
import type { Finding } from './page-banner.ts';
import { linkTo } from './page-filter.ts';
import type { Scene } from './page-scene.ts';
import {
  type Disagreement,
  type Instance,
  type LiveFacts,
  nameOf,
  settledDisagreements,
  wayOf,
} from './peers.ts';
import type { View } from './view.ts';
import { age, ago, clock, count, moment } from './wording.ts';

/** More services than these are counted, and only those apart are listed. */
const MOST_LISTED = 8;

type Mark = Instance['state'] | 'apart';

const BADGE: Readonly<Record<Mark, string>> = {
  fine: '✓ Agrees',
  apart: '≠ Disagrees',
  behind: '! Behind',
  'not-ready': '◌ Not ready',
  silent: '✕ Silent',
  'answers-wrong': '✕ No Teal',
  unasked: '… Being asked',
  same: '= Same',
};

/** What an operator should look at. */
export function peerFindings({ fleet, nowMs }: View): Finding[] {
  if (fleet === undefined) return [];
  return [
    ...settledDisagreements(fleet, nowMs).map(
      (one): Finding => ({
        level: 'bad',
        text: `the instances disagree about ${one.service}: ${saysText(one)}`,
      }),
    ),
    ...fleet.instances.filter(({ isSelf }) => !isSelf).flatMap(instanceFindings),
    ...fleet.faults.map((text): Finding => ({ level: 'warn', text })),
  ];
}

export function renderPeers(scene: Scene): Html {
  const { fleet, nowMs } = scene.view;
  if (fleet === undefined) return html`<section id="peers"></section>`;
  const { instances } = fleet;
  const apart = settledDisagreements(fleet, nowMs);
  return html`<section id="peers" aria-labelledby="peers-head"><h2 id="peers-head">Instances <span class="tally">${instances.length}</span></h2>
${apart.length > 0 && html`<ul class="disagreements" role="alert">${apart.map((one) => renderDisagreement(scene, one))}</ul>`}
<ul class="instances">${instances.map((one) => renderInstance(scene, one, apart))}</ul></section>`;
}

function instanceFindings(one: Instance): Finding[] {
  const { state, notes, silentSinceMs, url } = one;
  const why = notes.join(', ');
  if (state === 'silent') {
    const since = `has not answered since ${clock(silentSinceMs)}`;
    return [{ level: 'bad', text: `${nameOf(one)} (${url}) ${since}: ${why}` }];
  }
  if (state === 'fine' || state === 'unasked' || state === 'same') return [];
  return [{ level: 'warn', text: `${nameOf(one)}: ${why}` }];
}

function saysText({ says }: Disagreement): string {
  return says.map(({ what, instances }) => `${what} on ${instances.join(', ')}`).join('; ');
}

function renderDisagreement(
  { view, hueIn }: Scene,
  { service, sinceMs, says }: Disagreement,
): Html {
  return html`<li data-key="${service}"><p><b><span aria-hidden="true">≠ </span>${service}</b> is not the same everywhere, for ${age(sinceMs, view.nowMs)}</p>
<ul>${says.map(({ what, instances }) => html`<li><span class="chip ${hueIn(service, what)}">${what}</span> on ${instances.join(', ')}</li>`)}</ul></li>`;
}

function renderInstance(scene: Scene, one: Instance, apart: readonly Disagreement[]): Html {
  const { name, url, isSelf, state, notes, facts, silentSinceMs, answeredAtMs } = one;
  const odd = new Set(apart.filter((service) => isOdd(one, service)).map(({ service }) => service));
  const mark: Mark = odd.size > 0 && (state === 'fine' || state === 'behind') ? 'apart' : state;
  const { nowMs } = scene.view;
  return html`<li class="instance ${mark}" data-key="${name} ${url}">
<header><h3>${isSelf || state === 'same' ? name || facts?.node || '' : html`<a href="${linkTo(`/_teal/peers/${name}/haproxy?stats`)}">${name}</a>`}</h3>${isSelf && html`<span class="tag">this one</span>`}<span class="badge ${mark}">${BADGE[mark]}</span></header>
<p class="place">${facts !== null && html`<b>${facts.node}</b> · pid ${facts.pid} · version ${facts.version}<br>`}${url}</p>
${notes.length > 0 && html`<p class="notes">${notes.join(', ')}${silentSinceMs > 0 && html`; silent for ${age(silentSinceMs, nowMs)}, since ${moment(silentSinceMs)}${answeredAtMs === 0 && ', never heard from'}`}</p>`}
${facts !== null && renderFacts(facts, nowMs, silentSinceMs > 0)}
${facts !== null && state !== 'same' && renderLives(scene, facts.services, odd)}</li>`;
}

/** Of a silent one: as it said last. */
function renderFacts(facts: NonNullable<Instance['facts']>, nowMs: number, isOld: boolean): Html {
  const { epoch, workers, workersBehind, streaming, lastAnswerAtMs, problems, startedAtMs } = facts;
  return html`<dl class="numbers">
<div><dt>Epoch${isOld && ' then'}</dt><dd>${epoch}</dd></div>
<div><dt>Workers</dt><dd${workersBehind > 0 && html` class="late"`}>${workers - workersBehind} of ${workers}</dd></div>
<div><dt>Last answer</dt><dd>${ago(lastAnswerAtMs, nowMs)}</dd></div>
<div><dt>Stream</dt><dd>${streaming ? 'open' : 'closed'}</dd></div>
<div><dt>Problems</dt><dd>${problems}</dd></div>
<div><dt>Up</dt><dd>${age(startedAtMs, nowMs)}</dd></div></dl>`;
}

function renderLives(
  { hueIn }: Scene,
  services: readonly LiveFacts[],
  odd: ReadonlySet<string>,
): Html {
  const isShort = services.length <= MOST_LISTED;
  const listed = isShort ? services : services.filter(({ key }) => odd.has(key));
  const rest = services.length - listed.length;
  return html`<ul class="lives" aria-label="What is live">${listed.map((one) => html`<li data-key="${one.key}"${odd.has(one.key) && html` class="apart"`}>${one.key} <span class="chip ${one.live === null ? 'none' : hueIn(one.key, one.live)}">${wayOf(one)}</span></li>`)}${rest > 0 && html`<li>${listed.length > 0 && 'and '}${count(rest, 'service')}${listed.length > 0 ? ' as most have them' : ', live as most have them'}</li>`}${services.length === 0 && html`<li>no service</li>`}</ul>`;
}

/** It is not with the most; where there are no most, everybody is odd. */
function isOdd(one: Instance, { says }: Disagreement): boolean {
  const [first, second] = says;
  const name = nameOf(one);
  if (first === undefined || !says.some(({ instances }) => instances.includes(name))) return false;
  return first.instances.length === second?.instances.length || !first.instances.includes(name);
}
