// Open pages kept current by server-sent events: one gathering a second for all of them, none while
// nobody looks. Bounded in clients, and in what waits for a slow one: it misses a step instead.

import type { ServerResponse } from 'node:http';
import type { Logger } from '../log/logger.ts';
import { type Blocks, renderBlocks } from '../stats/page-blocks.ts';
import { PageChanges } from '../stats/page-changes.ts';
import { type PageFilter, pageUri, readPageFilter } from '../stats/page-filter.ts';
import type { CutOver, View } from '../stats/view.ts';
import { refusal, send } from './answer.ts';
import type { FreshView } from './fresh-view.ts';

export const LIVE_PATH = '/_teal/events';

/** True for a request target that asks for a stream. */
export function isLive(target: string): boolean {
  return target === LIVE_PATH || target.startsWith(`${LIVE_PATH}?`);
}

const STEP_MS = 1_000;
const MAX_CLIENTS = 64;
/** How soon a browser asks again after its stream has ended. */
const RETRY_MS = 1_000;

interface Client {
  readonly response: ServerResponse;
  readonly filter: PageFilter;
  readonly changes: PageChanges;
  /** Newest cut-over when it came, or that it was told of last; null = there was none. */
  lastCutOver: CutOver | null | undefined;
}

export class LiveStreams {
  readonly #fresh: FreshView;
  readonly #log: Logger;
  readonly #clients = new Set<Client>();
  #stepping = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(fresh: FreshView, log: Logger) {
    this.#fresh = fresh;
    this.#log = log;
  }

  /** Answers with a stream of the page that `pieces` ask for. */
  open(pieces: string, method: string | undefined, response: ServerResponse): void {
    if (this.#clients.size >= MAX_CLIENTS) {
      const reason = `${MAX_CLIENTS} pages are kept current already; close one`;
      send(response, refusal(503, reason, { 'retry-after': '10' }), method);
      return;
    }
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-accel-buffering': 'no',
    });
    if (method === 'HEAD') {
      response.end();
      return;
    }
    const filter = readPageFilter(pieces);
    const client = { response, filter, changes: new PageChanges(), lastCutOver: undefined };
    this.#clients.add(client);
    response.once('close', () => this.#clients.delete(client));
    response.write(`retry: ${RETRY_MS}\n\n`);
    void this.#step();
  }

  /** Ends all streams. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const { response } of this.#clients) response.end();
    this.#clients.clear();
  }

  async #step(): Promise<void> {
    if (this.#stepping) return;
    this.#stepping = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const gathered = await this.#fresh.get();
    if (gathered === 'late')
      this.#tell('trouble', 'the workers have not told their numbers in time');
    else if ('view' in gathered) this.#show(gathered.view);
    else {
      this.#log.error({ err: gathered.error }, 'the statistics could not be shown');
      this.#tell('trouble', 'the statistics could not be shown; the log says why');
    }
    this.#stepping = false;
    if (this.#clients.size > 0) this.#timer = setTimeout(() => void this.#step(), STEP_MS);
  }

  #show(view: View): void {
    const rendered = new Map<string, Blocks>();
    for (const client of this.#clients) {
      if (client.response.writableNeedDrain) continue;
      const uri = `${pageUri(client.filter)} ${client.filter.isThrough === true}`;
      const blocks = rendered.get(uri) ?? renderBlocks(view, client.filter);
      rendered.set(uri, blocks);
      const { nowMs: atMs, epoch } = view;
      write(client, 'view', { atMs, epoch, ...client.changes.next(blocks) });
      for (const cutOver of newsFor(client, view)) write(client, 'cut-over', cutOver);
      client.lastCutOver = view.history[0] ?? null;
    }
  }

  #tell(event: string, data: unknown): void {
    for (const client of this.#clients) write(client, event, data);
  }
}

/** Cut-overs since the client's last step, oldest first; none at its first. */
function newsFor({ lastCutOver }: Client, { history }: View): readonly CutOver[] {
  if (lastCutOver === undefined) return [];
  const end = lastCutOver === null ? -1 : history.indexOf(lastCutOver);
  return history.slice(0, end < 0 ? history.length : end).reverse();
}

function write({ response }: Client, event: string, data: unknown): void {
  response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
