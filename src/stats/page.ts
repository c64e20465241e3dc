// The stats page as a whole: head, banner, problems, services, cut-overs, tables. It needs no script,
// holds no inline style and loads nothing but its own style sheet and icon, so the strictest policy fits.

import { STATS_PREFIX, type StatsFilter, writeUri } from './filter.ts';
import { type Html, html } from './html.ts';
import { renderBanner, renderProblems } from './page-banner.ts';
import { renderHistory, renderServices } from './page-services.ts';
import { STYLE_URI } from './page-style.ts';
import { renderTables } from './page-tables.ts';
import type { View } from './view.ts';
import { clock } from './wording.ts';

const REFRESH_SECONDS = 5;

/** Where the page expects its icon. */
export const ICON_URI = '/favicon.svg';

/** Blue and green, one over the other: teal. */
export const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="12" cy="16" r="10" fill="#2f6fe4"/><circle cx="20" cy="16" r="10" fill="#1f9d55"/><path d="M16 6.84a10 10 0 0 1 0 18.32 10 10 0 0 1 0-18.32z" fill="#0d8a83"/></svg>';

/** A whole HTML document. Everything from outside is escaped; `filter` chooses the rows. */
export function renderPage(view: View, filter: StatsFilter): string {
  return html`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<title>Teal on ${view.node}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
${!filter.norefresh && html`<meta http-equiv="refresh" content="${REFRESH_SECONDS}">`}
<link rel="icon" href="${ICON_URI}">
<link rel="stylesheet" href="${STYLE_URI}">
</head><body>
${renderHeader(view, filter)}
<main>
${renderBanner(view)}
${renderProblems(view.problems)}
${renderServices(view, filter.scope)}
${renderHistory(view)}
${renderTables(view, filter)}
</main>
<footer><p>Numbers count since Teal started and survive the end of a worker. Times are means over all requests.</p></footer>
</body></html>
`.text;
}

function renderHeader(view: View, filter: StatsFilter): Html {
  return html`<header class="top"><a class="brand" href="${STATS_PREFIX}"><svg viewBox="0 0 32 32" width="34" height="34" aria-hidden="true"><circle cx="12" cy="16" r="10" class="logo-blue"/><circle cx="20" cy="16" r="10" class="logo-green"/><path d="M16 6.84a10 10 0 0 1 0 18.32 10 10 0 0 1 0-18.32z" class="logo-teal"/></svg><h1>Teal</h1></a>
<p class="where"><b>${view.node}</b> · pid ${view.pid} · version ${view.version}<br><small>as of ${clock(view.nowMs)}</small></p>
<nav aria-label="Display">${renderScope(filter)}
${toggle(filter.up, 'Only UP', writeUri({ ...filter, up: !filter.up }))}
${toggle(filter.noMaint, 'Hide MAINT', writeUri({ ...filter, noMaint: !filter.noMaint }))}
${toggle(!filter.norefresh, `Every ${REFRESH_SECONDS} s`, writeUri({ ...filter, norefresh: !filter.norefresh }))}
<a class="button" href="${writeUri(filter)}">Refresh</a>
<a class="button" href="${writeUri({ ...filter, norefresh: false }, 'csv')}">CSV</a></nav></header>`;
}

function toggle(on: boolean, name: string, uri: string): Html {
  return html`<a class="button toggle${on ? ' on' : ''}" href="${uri}">${on ? '✓ ' : ''}${name}</a>`;
}

/** A form's answer cannot carry `;`, so its pieces come with `&`. */
function renderScope(filter: StatsFilter): Html {
  const kept = [filter.up && 'up', filter.noMaint && 'no-maint', filter.norefresh && 'norefresh'];
  return html`<form action="/haproxy" method="get"><input type="hidden" name="stats" value="">${kept.map((name) => name !== false && html`<input type="hidden" name="${name}" value="1">`)}<input type="search" name="scope" value="${filter.scope}" maxlength="20" placeholder="Scope, e.g. blue" aria-label="Only proxies whose name contains" pattern="[A-Za-z0-9_.:\\-]*"><button type="submit" class="button">Show</button></form>`;
}
