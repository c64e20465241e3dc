// URI → answer, for everything that is read on the admin port. Paths and bodies are Marathon-LB's,
// where it has them: monitors and zdd.py depend on them byte for byte.

import type { Logger } from '../log/logger.ts';
import { renderCsv } from '../stats/csv.ts';
import { hasPiece, readFilter, STATS_PREFIX } from '../stats/filter.ts';
import { JSON_SCHEMA } from '../stats/json-schema.ts';
import { ICON, ICON_URI, renderPage } from '../stats/page.ts';
import { readPageFilter } from '../stats/page-filter.ts';
import { STYLE } from '../stats/page-style.ts';
import type { InstanceFacts } from '../stats/peers.ts';
import { readMetricsFilter, renderMetrics } from '../stats/prometheus.ts';
import { renderJson, renderTyped } from '../stats/typed.ts';
import type { View } from '../stats/view.ts';
import { type Answer, asset, exposition, json, page, plain, refusal } from './answer.ts';
import { type ReadContext, readOf } from './api/reads.ts';
import type { FreshView } from './fresh-view.ts';
import { answerHealth } from './health.ts';
import { MARATHON_LB, type MarathonLbContext, NO_SERVER } from './marathon-lb.ts';
import { answerScript } from './page-script.ts';
import { INSTANCE_PATH, sayInstance } from './peers/instance-facts.ts';

/** The page's own files, and the way to it. */
const ASSETS: ReadonlyMap<string, Answer> = new Map([
  ['/teal.css', asset('text/css; charset=utf-8', STYLE)],
  [ICON_URI, asset('image/svg+xml', ICON)],
  ['/favicon.ico', asset('image/svg+xml', ICON)],
  ['/', refusal(302, `see ${STATS_PREFIX}`, { location: STATS_PREFIX })],
]);

export interface RouteContext extends MarathonLbContext, ReadContext {
  readonly fresh: FreshView;
  /** Absent = this instance has no peers. */
  readonly instance?: () => InstanceFacts;
  readonly log: Logger;
}

/** `target` is the request target as it stood on the line. Never rejects. */
export async function answerTo(target: string, context: RouteContext): Promise<Answer> {
  // Absolute form, as a proxy would be asked.
  const uri = target.replace(/^https?:\/\/[^/?#]*/i, '') || '/';
  if (uri.startsWith(STATS_PREFIX)) return stats(uri.slice(STATS_PREFIX.length), context);
  const [path = '', query = ''] = uri.split('?', 2);
  if (path === '/metrics') return metrics(query, context);
  const health = answerHealth(path, context.notReady);
  if (health !== null) return health;
  if (path === INSTANCE_PATH && context.instance !== undefined) {
    return json(sayInstance(context.instance(), query));
  }
  const known = MARATHON_LB.get(path)?.(context) ?? ASSETS.get(path) ?? (await answerScript(path));
  if (known !== null) return known;
  const read = readOf(path);
  if (read === null) return NO_SERVER;
  return fromView(context, (view) => read(view, query, context));
}

async function stats(pieces: string, context: RouteContext): Promise<Answer> {
  if (hasPiece(pieces, 'json-schema')) return json(JSON_SCHEMA);
  return fromView(context, (view) => renderStats(view, pieces));
}

function metrics(query: string, context: RouteContext): Promise<Answer> | Answer {
  const filter = readMetricsFilter(query);
  if (filter === null) {
    return refusal(400, 'expected scope=global, frontend, backend, server, teal or *');
  }
  return fromView(context, (view) => exposition(renderMetrics(view, filter)));
}

async function fromView(
  { fresh, log }: RouteContext,
  render: (view: View) => Answer,
): Promise<Answer> {
  const gathered = await fresh.get();
  if (gathered === 'late') {
    return refusal(503, 'the workers have not told their numbers in time; try again', {
      'retry-after': '1',
    });
  }
  try {
    if ('error' in gathered) throw gathered.error;
    return render(gathered.view);
  } catch (error) {
    log.error({ err: error }, 'the statistics could not be shown');
    return refusal(500, 'the statistics could not be shown; the log says why');
  }
}

function renderStats(view: View, pieces: string): Answer {
  const filter = readFilter(pieces);
  if (hasPiece(pieces, 'csv')) return plain(renderCsv(view, filter));
  if (hasPiece(pieces, 'json')) return json(renderJson(view, filter));
  if (hasPiece(pieces, 'typed')) return plain(renderTyped(view, filter));
  return page(renderPage(view, readPageFilter(pieces)));
}
