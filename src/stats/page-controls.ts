// The page's head: whose numbers these are, and HAProxy's display options.

import { STATS_PREFIX } from './filter.ts';
import { type Html, html } from './html.ts';
import { linkTo, type PageFilter, pageUri } from './page-filter.ts';
import type { View } from './view.ts';
import { clock } from './wording.ts';

/** Without a script, the page loads itself again this often. */
export const REFRESH_SECONDS = 5;

export function renderFacts(view: View, { isThrough }: PageFilter): Html {
  return html`<p class="where" id="where"><b>${view.node}</b> · pid ${view.pid} · version ${view.version}<br><small>as of <time data-now>${clock(view.nowMs)}</time></small>${isThrough === true && html`<br><a href="../../../${linkTo(STATS_PREFIX)}">← back to the instance this is seen through</a>`}</p>`;
}

export function renderControls(filter: PageFilter): Html {
  const still = { ...filter, norefresh: false };
  return html`<nav id="display" aria-label="Display">${renderScope(filter)}
${toggle(!filter.norefresh, 'Live', pageUri({ ...filter, norefresh: !filter.norefresh }))}
${toggle(filter.up, 'Hide DOWN', pageUri({ ...filter, up: !filter.up }))}
${toggle(filter.noMaint, 'Hide MAINT', pageUri({ ...filter, noMaint: !filter.noMaint }))}
<span class="links"><a href="${pageUri(filter)}">Refresh now</a> <a href="${format(still, 'csv')}">CSV</a> <a href="${format(still, 'json')}">JSON</a> <a href="${linkTo(STATS_PREFIX)};json-schema">schema</a> <a href="${linkTo('/metrics')}">metrics</a></span></nav>`;
}

function format(filter: PageFilter, name: string): string {
  const page = linkTo(STATS_PREFIX);
  return pageUri({ ...filter, open: [] }).replace(page, `${page};${name}`);
}

function toggle(on: boolean, name: string, uri: string): Html {
  return html`<a class="button toggle${on ? ' on' : ''}" href="${uri}" data-stay>${on ? '✓ ' : ''}${name}</a>`;
}

/** A form's answer cannot carry `;`, so its pieces come with `&`. */
function renderScope(filter: PageFilter): Html {
  const kept = [filter.up && 'up', filter.noMaint && 'no-maint', filter.norefresh && 'norefresh'];
  return html`<form action="${linkTo('/haproxy')}" method="get"><input type="hidden" name="stats" value="">${kept.map((name) => name !== false && html`<input type="hidden" name="${name}" value="1">`)}<input type="search" name="scope" value="${filter.scope}" maxlength="20" placeholder="Scope, e.g. blue" aria-label="Only proxies whose name contains" pattern="[A-Za-z0-9_.:\\-]*" autocomplete="off"><button type="submit" class="button">Show</button></form>`;
}
