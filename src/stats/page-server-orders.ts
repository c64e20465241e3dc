// HAProxy's form below the rows of a pool: servers are checked, then set ready, to drain or to maint. It
// works without a script where no token is set; with one, the page's script asks for the token.

import { type Html, html } from './html.ts';
import { pageUri } from './page-filter.ts';
import type { Scene } from './page-scene.ts';
import type { ProxyRows, StatRow } from './proxies.ts';

const ACTIONS = [
  ['ready', 'Set state to READY'],
  ['drain', 'Set state to DRAIN'],
  ['maint', 'Set state to MAINT'],
] as const;

/** HAProxy's answers to the form. */
const OUTCOMES: ReadonlyMap<string, readonly [tone: 'good' | 'bad', text: string]> = new Map([
  ['DONE', ['good', 'Action processed successfully.']],
  ['PART', ['bad', 'Action partially processed: some of the servers are unknown by now.']],
  ['NONE', ['bad', 'Nothing has changed: no server was checked.']],
  ['ERRP', ['bad', 'Action not processed: the server, the pool or the action is unknown.']],
  ['EXCD', ['bad', 'Action not processed: too many servers at once.']],
  [
    'DENY',
    ['bad', 'Action denied: it needs the admin token, or, where none is set, this machine.'],
  ],
]);

export function renderOutcome(code: string): Html {
  const outcome = OUTCOMES.get(code);
  if (outcome === undefined) return html`<p id="outcome"></p>`;
  return html`<p id="outcome" class="${outcome[0]}" role="status">${outcome[1]}</p>`;
}

/** True for the servers of a pool that is in the plan. */
export function isOrderable(proxy: ProxyRows, row: StatRow): boolean {
  return row.kind === 'server' && isPlanned(proxy);
}

export function renderServerBox(proxy: ProxyRows, svname: string): Html {
  return html`<label><input type="checkbox" name="s" value="${svname}" form="${formId(proxy)}">${svname}</label>`;
}

export function renderServersForm({ filter }: Scene, proxy: ProxyRows): Html | false {
  if (!isPlanned(proxy)) return false;
  const { pxname, service, appId } = proxy;
  const page = pageUri({ ...filter, open: [], outcome: '' });
  return html` <form class="server-orders" id="${formId(proxy)}" method="post" action="${page}" data-service="${service ?? ''}" data-colour="${appId ?? ''}"><input type="hidden" name="b" value="${pxname}"><select name="action" aria-label="Action on the checked servers of ${pxname}">${ACTIONS.map(([name, text]) => html`<option value="${name}">${text}</option>`)}</select> <button type="submit" class="button">Apply</button></form>`;
}

/** A pool that is left behind has a frontend that is closed. */
function isPlanned({ appId, rows }: ProxyRows): boolean {
  return appId !== null && rows[0]?.status !== 'STOP';
}

function formId({ pxname }: ProxyRows): string {
  return `servers-${pxname}`;
}
