// URI → answer, for everything that is read on the admin port. Paths and bodies are Marathon-LB's,
// where it has them: monitors and zdd.py depend on them byte for byte.

import type { Logger } from '../log/logger.ts';
import { renderCsv } from '../stats/csv.ts';
import { hasPiece, readFilter, STATS_PREFIX } from '../stats/filter.ts';
import { ICON, ICON_URI, renderPage } from '../stats/page.ts';
import { STYLE } from '../stats/page-style.ts';
import type { View } from '../stats/view.ts';
import { type Answer, asset, page, plain, refusal } from './answer.ts';
import type { FreshView } from './fresh-view.ts';

const STATS_CSV = `${STATS_PREFIX};csv`;

/** HAProxy's `monitor-uri` answer: 58 bytes, says only that the process lives. */
const HEALTH: Answer = {
  status: 200,
  headers: { 'cache-control': 'no-cache', 'content-type': 'text/html' },
  body: '<html><body><h1>200 OK</h1>\nService ready.\n</body></html>\n',
  bare: true,
};

const FIXED: Readonly<Record<string, () => Answer>> = {
  '/_haproxy_health_check': () => HEALTH,
  // One token: zdd.py takes more than two for an old process that still drains.
  '/_haproxy_getpids': () => plain(String(process.pid)),
  '/teal.css': () => asset('text/css; charset=utf-8', STYLE),
  [ICON_URI]: () => asset('image/svg+xml', ICON),
  '/favicon.ico': () => asset('image/svg+xml', ICON),
  '/': () => refusal(302, `see ${STATS_PREFIX}`, { location: STATS_PREFIX }),
};

export interface RouteContext {
  readonly fresh: FreshView;
  readonly log: Logger;
}

/** `target` is the request target as it stood on the line. Never rejects. */
export async function answerTo(target: string, context: RouteContext): Promise<Answer> {
  // Absolute form, as a proxy would be asked.
  const uri = target.replace(/^https?:\/\/[^/?#]*/i, '') || '/';
  if (uri.startsWith(STATS_PREFIX)) return stats(uri.slice(STATS_PREFIX.length), context);
  const path = uri.split('?')[0] as string;
  return Object.hasOwn(FIXED, path) ? (FIXED[path] as () => Answer)() : notFound();
}

function notFound(): Answer {
  return refusal(
    404,
    `nothing is here. There are: ${STATS_PREFIX}, ${STATS_CSV}, /_haproxy_health_check, /_haproxy_getpids`,
  );
}

async function stats(pieces: string, { fresh, log }: RouteContext): Promise<Answer> {
  if (['json', 'typed'].some((name) => hasPiece(pieces, name))) {
    return refusal(404, `the statistics are not served in this form; there is ${STATS_CSV}`);
  }
  const gathered = await fresh.get();
  if (gathered === 'late') {
    return refusal(503, 'the workers have not told their numbers in time; try again', {
      'retry-after': '1',
    });
  }
  try {
    if ('error' in gathered) throw gathered.error;
    return renderStats(gathered.view, pieces);
  } catch (error) {
    log.error({ err: error }, 'the statistics could not be shown');
    return refusal(500, 'the statistics could not be shown; the log says why');
  }
}

function renderStats(view: View, pieces: string): Answer {
  const filter = readFilter(pieces);
  return hasPiece(pieces, 'csv') ? plain(renderCsv(view, filter)) : page(renderPage(view, filter));
}
