// The page in blocks that are known by name: what a browser holds of the page is kept current block by
// block, and only those that changed are sent.

import { type Html, html } from './html.ts';
import { renderBanner, renderProblems } from './page-banner.ts';
import { renderControls, renderFacts } from './page-controls.ts';
import type { PageFilter } from './page-filter.ts';
import { renderHistory } from './page-history.ts';
import { renderPeers } from './page-peers.ts';
import { makeScene, type Scene } from './page-scene.ts';
import { renderOutcome } from './page-server-orders.ts';
import { renderFolded, renderService } from './page-services.ts';
import { listTables, renderLegend, renderTable } from './page-tables.ts';
import type { View } from './view.ts';
import { count } from './wording.ts';

/** Element ids of the places that hold blocks, in the order of the page. */
export const REGIONS = ['controls', 'state', 'services', 'timelines', 'tables'] as const;

export type Region = (typeof REGIONS)[number];

export interface Block {
  /** Id of its one root element. */
  readonly id: string;
  readonly html: Html;
}

export type Blocks = Readonly<Record<Region, readonly Block[]>>;

export function renderBlocks(view: View, filter: PageFilter): Blocks {
  const scene = makeScene(view, filter);
  const tables = listTables(scene);
  return {
    controls: [block('where', renderFacts(view, filter)), block('display', renderControls(filter))],
    state: [
      block('outcome', renderOutcome(filter.outcome)),
      block('banner', renderBanner(view)),
      block('peers', renderPeers(scene)),
    ],
    services: [block('services-head', renderServicesHead(scene)), ...serviceBlocks(scene)],
    timelines: [
      block('timeline', renderHistory(scene)),
      block('problems', renderProblems(view.problems)),
    ],
    tables: [
      block('tables-head', renderTablesHead(scene)),
      block('legend', renderLegend()),
      ...tables.map((table) => block(`table-${table.key}`, renderTable(scene, table))),
    ],
  };
}

/** In the plan's order, whether folded or not: unfolding moves nothing. */
function serviceBlocks(scene: Scene): Block[] {
  const full = new Set(scene.full);
  const folded = new Set(scene.folded);
  return scene.view.plan.services
    .filter((service) => full.has(service) || folded.has(service))
    .map((service) =>
      block(
        `service-${service.key}`,
        full.has(service) ? renderService(scene, service) : renderFolded(scene, service),
      ),
    );
}

function renderServicesHead({ matching, full, folded, filter }: Scene): Html {
  const more = matching - full.length - folded.length;
  const none =
    filter.scope === ''
      ? 'No app asks for a service yet.'
      : `No service matches “${filter.scope}”.`;
  return html`<div class="head" id="services-head"><h2>Services <span class="tally">${matching}</span></h2>
${matching === 0 && html`<p class="hint">${none}</p>`}${folded.length > 0 && html`<p class="hint">One line each; open one to see its colours and its rows.${more > 0 && ` ${count(more, 'more service')}: narrow by a scope, or read the CSV.`}</p><p class="folded-head" aria-hidden="true"><span>Service</span><span>Live</span><span>Host</span><span class="n">Usable</span><span class="n">Rate</span><span class="n">Errors</span><span>Shares</span></p>`}</div>`;
}

function renderTablesHead({ folded }: Scene): Html {
  return html`<div class="head" id="tables-head"><h2>Traffic, row by row</h2>${folded.length > 0 && html`<p class="hint">The rows of ${count(folded.length, 'folded service')} are not shown; the CSV has all.</p>`}</div>`;
}

function block(id: string, content: Html): Block {
  return { id, html: content };
}
