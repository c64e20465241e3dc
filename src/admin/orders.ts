// POST on the admin port: orders in JSON (`/_teal/orders`), and the form of HAProxy's stats page. Bodies
// are read whole, in bounded size; both ways end at the same desk.

import type { IncomingMessage } from 'node:http';
import type { Logger } from '../log/logger.ts';
import { hasPiece, readFilter, STATS_PREFIX, writeUri } from '../stats/filter.ts';
import { listProxies } from '../stats/proxies.ts';
import type { Answer } from './answer.ts';
import type { FreshView } from './fresh-view.ts';
import { accessOf } from './order-access.ts';
import { MAX_BODY_BYTES, readOrder } from './order-body.ts';
import { type OrderDesk, type OrderRequest, PLAIN_ORDER } from './order-request.ts';
import { readStatsForm, type StatsForm, type StatsOutcome } from './stats-form.ts';

export const ORDERS_PATH = '/_teal/orders';
const MAX_DISCARDED_BYTES = 1_048_576;

export interface OrderContext {
  readonly desk: OrderDesk;
  /** Empty = none is set. */
  readonly adminToken: string;
  readonly fresh: FreshView;
  readonly log: Logger;
}

/** True for what `answerOrder` answers; everything else is a GET, whatever its method. */
export function isOrder({ method, url = '' }: IncomingMessage): boolean {
  const path = pathOf(url);
  if (path.startsWith(STATS_PREFIX)) return method === 'POST';
  return path === ORDERS_PATH || path.startsWith(`${ORDERS_PATH}?`);
}

/** Never rejects. */
export async function answerOrder(
  request: IncomingMessage,
  context: OrderContext,
): Promise<Answer> {
  const path = pathOf(request.url ?? '');
  try {
    if (path.startsWith(STATS_PREFIX)) return await answerForm(request, path, context);
    return await answerJson(request, context);
  } catch (error) {
    context.log.error({ err: error }, 'an order could not be answered');
    return told(500, 'the order could not be answered; the log says why');
  }
}

async function answerJson(request: IncomingMessage, context: OrderContext): Promise<Answer> {
  if (request.method === 'GET' || request.method === 'HEAD') return inForce(context);
  if (request.method !== 'POST') {
    return told(405, 'expected POST with an order in JSON', '', { allow: 'GET, HEAD, POST' });
  }
  const access = accessOf(request, context.adminToken);
  if (access !== 'granted') {
    const challenge = { 'www-authenticate': 'Bearer realm="teal"' };
    return told(access.status, access.error, '', access.status === 401 ? challenge : {});
  }
  const text = await bodyOf(request);
  if (text === 'too large') return told(413, `expected at most ${MAX_BODY_BYTES} bytes`);
  if (text === 'broken off') return told(400, 'the body ended early');
  const order = readOrder(text);
  if ('fault' in order) return told(400, order.fault);
  const outcome = await context.desk.carryOut(order);
  return 'code' in outcome ? told(409, outcome.error, outcome.code) : answer(200, outcome);
}

async function inForce({ fresh }: OrderContext): Promise<Answer> {
  const gathered = await fresh.get();
  if (gathered === 'late' || 'error' in gathered) {
    return told(503, 'the workers have not told their numbers in time; try again');
  }
  const { epoch, orders, leases } = gathered.view;
  return answer(200, { epoch, orders, leases });
}

function told(
  status: number,
  error: string,
  code = '',
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return answer(status, code === '' ? { error } : { error, code }, headers);
}

function answer(
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: { 'cache-control': 'no-store', 'content-type': 'application/json', ...headers },
    body: `${JSON.stringify(body)}\n`,
  };
}

/** Always 303: the page is shown again, and says what became of it. */
async function answerForm(
  request: IncomingMessage,
  path: string,
  context: OrderContext,
): Promise<Answer> {
  const pieces = path.slice(STATS_PREFIX.length);
  const outcome = await formOutcome(request, context);
  const { scope, ...filter } = readFilter(pieces);
  const state = writeUri({ ...filter, noMaint: false, scope: '' }).slice(STATS_PREFIX.length);
  const maint = hasPiece(pieces, 'no-maint') ? ';no-maint' : '';
  const query = scope === '' ? '' : `?scope=${scope}`;
  return {
    status: 303,
    headers: { location: `${STATS_PREFIX};st=${outcome}${state}${maint}${query}` },
    body: '',
  };
}

async function formOutcome(request: IncomingMessage, context: OrderContext): Promise<StatsOutcome> {
  if (accessOf(request, context.adminToken) !== 'granted') return 'DENY';
  const text = await bodyOf(request);
  if (text === 'too large') return 'EXCD';
  const form = readStatsForm(text === 'broken off' ? '' : text);
  if (typeof form === 'string') return form;
  const gathered = await context.fresh.get();
  if (gathered === 'late' || 'error' in gathered) return 'ERRP';
  const proxy = listProxies(gathered.view).find(
    ({ iid, pxname }) => form.backend === pxname || form.backend === `#${iid}`,
  );
  if (proxy === undefined || proxy.service === null || proxy.appId === null) return 'ERRP';
  const known = new Set(
    proxy.rows.filter(({ kind }) => kind === 'server').map(({ svname }) => svname),
  );
  const named = form.servers.filter((name) => known.has(name));
  if (named.length === 0) return 'ERRP';
  const order = orderOf(form, named, proxy.service, proxy.appId, request);
  const done = await context.desk.carryOut(order);
  if ('code' in done) return 'ERRP';
  return named.length < form.servers.length ? 'PART' : 'DONE';
}

function orderOf(
  { action }: StatsForm,
  named: readonly string[],
  service: string,
  colour: string,
  { socket }: IncomingMessage,
): OrderRequest {
  const servers = Object.fromEntries(named.map((name) => [name, action]));
  const by = `stats page from ${socket.remoteAddress ?? 'nowhere'}`;
  return { ...PLAIN_ORDER, order: 'server', service, colour, servers, by };
}

function pathOf(url: string): string {
  return url.replace(/^https?:\/\/[^/?#]*/i, '');
}

/** Reads what is too large to its end, if that is not far: the answer comes through then. */
export function bodyOf(request: IncomingMessage): Promise<string | 'too large' | 'broken off'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
      if (bytes > MAX_DISCARDED_BYTES) resolve('too large');
    });
    request.on('end', () =>
      resolve(bytes > MAX_BODY_BYTES ? 'too large' : Buffer.concat(chunks).toString('utf8')),
    );
    request.on('error', () => resolve('broken off'));
    request.on('close', () => resolve('broken off'));
  });
}
