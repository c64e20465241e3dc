// The stats page as a whole: a frame around its blocks. It is complete without a script; with one it is
// kept current. It holds no inline style or script and loads nothing from elsewhere, so the strictest
// policy fits.

import { STATS_PREFIX } from './filter.ts';
import { type Html, html } from './html.ts';
import { type Block, renderBlocks } from './page-blocks.ts';
import { REFRESH_SECONDS } from './page-controls.ts';
import { linkTo, type PageFilter } from './page-filter.ts';
import { STYLE_URI } from './page-style.ts';
import type { View } from './view.ts';

/** Where the page expects its icon. */
export const ICON_URI = '/favicon.svg';
/** Where the page expects its script, an ES module with others beside it. */
export const SCRIPT_URI = '/_teal/page/main.js';

/** Blue and green, one over the other: teal. */
export const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="12" cy="16" r="10" fill="#2f6fe4"/><circle cx="20" cy="16" r="10" fill="#1f9d55"/><path d="M16 6.84a10 10 0 0 1 0 18.32 10 10 0 0 1 0-18.32z" fill="#0d8a83"/></svg>';

/** A whole HTML document. Everything from outside is escaped; `filter` chooses the rows. */
export function renderPage(view: View, filter: PageFilter): string {
  const blocks = renderBlocks(view, filter);
  return html`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<title>Teal on ${view.node}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
${!filter.norefresh && html`<noscript><meta http-equiv="refresh" content="${REFRESH_SECONDS}"></noscript>`}
<link rel="icon" href="${linkTo(ICON_URI)}">
<link rel="stylesheet" href="${linkTo(STYLE_URI)}">
<script type="module" src="${linkTo(SCRIPT_URI)}"></script>
</head><body>
<a class="skip" href="#services">To the services</a>
<header class="top"><a class="brand" href="${linkTo(STATS_PREFIX)}"><svg viewBox="0 0 32 32" width="34" height="34" aria-hidden="true"><circle cx="12" cy="16" r="10" class="logo-blue"/><circle cx="20" cy="16" r="10" class="logo-green"/><path d="M16 6.84a10 10 0 0 1 0 18.32 10 10 0 0 1 0-18.32z" class="logo-teal"/></svg><h1>Teal</h1></a>
<div id="controls">${put(blocks.controls)}</div></header>
<main>
<div id="state">${put(blocks.state)}</div>
<section id="services" aria-label="Services">${put(blocks.services)}</section>
<div id="timelines">${put(blocks.timelines)}</div>
<section id="tables" aria-label="Traffic, row by row">${put(blocks.tables)}</section>
</main>
<footer><p>Numbers count since Teal started and survive the end of a worker. Charts show the last three minutes.</p><noscript><p>Without JavaScript the page loads itself again every ${REFRESH_SECONDS} seconds; orders are given by <code>teal cutover</code>, <code>teal rollback</code> and <code>teal split</code>.</p></noscript></footer>
<p id="notice" role="status"></p>
</body></html>
`.text;
}

function put(blocks: readonly Block[]): Html[] {
  return blocks.map((block) => block.html);
}
