// Keeps the page current: blocks that changed come as HTML and are worked into what is there. When the
// stream breaks off the page says so and how old it is, the browser opens it again.

import type { CutOverMessage, ViewMessage } from './message.ts';
import { morph, parse } from './morph.ts';
import { notice } from './notice.ts';
import { setClock, tickTimes } from './times.ts';

/** Beside the page, which may stand below a prefix. */
const EVENTS = '_teal/events';
/** A browser that was refused a stream does not ask again by itself. */
const REOPEN_MS = 2_000;

let stream: EventSource | null = null;
let reopening = 0;

/** Follows the page that `pieces` ask for (`;scope=blue`), in place of the one before. */
export function follow(pieces: string): void {
  stream?.close();
  clearTimeout(reopening);
  stream = new EventSource(EVENTS + pieces);
  stream.addEventListener('view', (event) => take(JSON.parse(event.data) as ViewMessage));
  stream.addEventListener('cut-over', (event) => tell(JSON.parse(event.data) as CutOverMessage));
  stream.addEventListener('trouble', (event) => mark('stale', JSON.parse(event.data) as string));
  stream.addEventListener('error', () => {
    mark('stale', 'Teal does not answer, asking again');
    if (stream?.readyState !== EventSource.CLOSED) return;
    clearTimeout(reopening);
    reopening = setTimeout(() => follow(pieces), REOPEN_MS);
  });
}

function take(message: ViewMessage): void {
  setClock(message.atMs);
  for (const { id, html } of message.changed) put(id, html);
  order = message.order ?? order;
  if (message.order !== null || waiting.size > 0) arrange(order ?? {});
  tickTimes();
  mark('live', '');
}

let order: ViewMessage['order'] = null;

/** New blocks wait beside the page until the order says where they go. */
const waiting = new Map<string, Element>();

function put(id: string, html: string): void {
  const next = parse(html);
  if (next === null) return;
  const now = document.getElementById(id);
  if (now === null) waiting.set(id, next);
  else if (now.tagName === next.tagName) morph(now, next);
  else now.replaceWith(next);
}

function arrange(wanted: NonNullable<ViewMessage['order']>): void {
  for (const [region, ids] of Object.entries(wanted)) {
    const place = document.getElementById(region);
    if (place === null) continue;
    const keep = new Set(ids);
    for (const child of [...place.children]) if (!keep.has(child.id)) child.remove();
    let at = place.firstElementChild;
    for (const id of ids) {
      const block = at?.id === id ? at : (document.getElementById(id) ?? waiting.get(id));
      if (block === undefined) continue;
      if (block === at) at = at.nextElementSibling;
      else place.insertBefore(block, at);
      waiting.delete(id);
    }
  }
}

function tell(message: CutOverMessage): void {
  const { service, order, from, to, epoch, workers, tookMs } = message;
  const what = from === to ? order : `${from ?? 'nothing'} → ${to ?? 'nothing'}`;
  const where = service === '' ? 'All services' : service;
  const how = `Epoch ${epoch}, ${workers} workers, ${tookMs.toFixed(1)} ms`;
  notice(`${where}: ${what}. ${how}`, to === null && from !== null ? 'bad' : 'good');
}

function mark(state: 'live' | 'stale', why: string): void {
  const { classList } = document.documentElement;
  const stale = state === 'stale';
  if (stale && !classList.contains('stale')) notice(why, 'bad');
  if (!stale && classList.contains('stale')) notice('Live again', 'good');
  classList.toggle('stale', stale);
}
