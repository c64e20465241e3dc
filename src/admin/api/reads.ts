// GET /_teal/…: everything the stats page shows, for programs. Answers are JSON, one object each; what
// cannot be answered is `{ "error": one line }`. Times are ms since 1970.

import { findService } from '../../plan/find-service.ts';
import { NO_FLEET } from '../../stats/peers.ts';
import type { View } from '../../stats/view.ts';
import type { Answer } from '../answer.ts';
import type { Readiness } from '../health.ts';
import { type Explain, readQuestion } from './explain-question.ts';
import { SCHEMAS } from './schemas/schemas.ts';
import { servicesFacts } from './service-facts.ts';
import { statusFacts } from './status-facts.ts';

const ROOT = '/_teal';
const SERVICES = '/services/';

export interface ReadContext {
  readonly notReady: Readiness;
  /** Absent = nothing can be explained here. */
  readonly explain?: Explain;
}

interface Read {
  /** What is answered, for people. */
  readonly help: string;
  readonly answer: (view: View, query: URLSearchParams, context: ReadContext) => Answer;
}

/** By what follows `/_teal`. */
const READS: Readonly<Record<string, Read>> = {
  '/status': {
    help: 'version, readiness, epoch and workers, source and age of what is known, draining colours',
    answer: (view, _query, { notReady }) => ok(statusFacts(view, notReady())),
  },
  '/services': {
    help: 'every service with its colours and servers, their state and traffic',
    answer: (view) => ok({ epoch: view.epoch, services: servicesFacts(view, view.plan.services) }),
  },
  '/history': {
    help: 'cut-overs and orders, newest first, with their drain and bake',
    answer: ({ history }) => ok({ history }),
  },
  '/problems': {
    help: 'what is wrong with apps, labels and listeners: app, where, value, message',
    answer: ({ problems }) => ok({ problems }),
  },
  '/peers': {
    help: 'this instance and its peers: who is silent or behind, and which services they disagree about; peers/NAME/… asks one of them',
    answer: ({ fleet }) => ok(fleet ?? NO_FLEET),
  },
  '/plan': {
    help: 'the plan in force on all workers; password hashes are left out',
    answer: ({ epoch, plan }) => ok({ epoch, plan }, withoutHashes),
  },
  '/explain': {
    help: '?url=http://host:port/path&header=Name: value&…: which listener, route, colour and servers a request gets, and why no other',
    answer: ({ plan }, query, { explain }) => {
      if (explain === undefined) return fault(404, 'nothing can be explained here');
      const question = readQuestion(query);
      return 'fault' in question ? fault(400, question.fault) : ok(explain(plan, question));
    },
  },
  '/schema': {
    help: 'what these answers look like, field by field: JSON Schema (draft 07) by path',
    answer: () => ok(SCHEMAS),
  },
};

const INDEX: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(READS).map(([path, { help }]) => [`${ROOT}${path}`, help])),
  [`${ROOT}${SERVICES}NAME`]: 'one service, by its key, port, pxname, app id or host',
  [`${ROOT}${SERVICES}NAME/drained?timeout=30`]:
    'waits until nothing is in flight on the colours that are not live, or on ?colour=',
  [`${ROOT}/instance`]: 'what this instance says of itself to its peers',
  [`${ROOT}/events`]: 'server-sent events that keep the stats page current',
  [`${ROOT}/orders`]: 'what is ordered and leased now; POST carries out one order (see the README)',
};

/** What answers `path` out of the view; null = it is none of the API's. */
export function readOf(
  path: string,
): ((view: View, query: string, context: ReadContext) => Answer) | null {
  if (path === ROOT || path === `${ROOT}/`) return () => ok(INDEX);
  if (!path.startsWith(`${ROOT}/`)) return null;
  const rest = path.slice(ROOT.length);
  if (rest.startsWith(SERVICES)) return (view) => oneService(view, rest.slice(SERVICES.length));
  const read = Object.hasOwn(READS, rest) ? READS[rest] : undefined;
  if (read === undefined) {
    return () => fault(404, `there is no ${path}; GET ${ROOT} says what there is`);
  }
  return (view, query, context) => read.answer(view, new URLSearchParams(query), context);
}

function oneService(view: View, encoded: string): Answer {
  const found = findService(view.plan, decoded(encoded));
  if ('fault' in found) return fault(404, found.fault);
  const [service] = servicesFacts(view, [found.service]);
  return ok({ epoch: view.epoch, ...service });
}

/** As it is where it is no percent-encoding: it is then looked for, and not found. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function withoutHashes(key: string, value: unknown): unknown {
  return key === 'hash' && value !== '' ? '***' : value;
}

function ok(body: object, replace?: (key: string, value: unknown) => unknown): Answer {
  return answer(200, body, replace);
}

function fault(status: number, error: string): Answer {
  return answer(status, { error });
}

function answer(
  status: number,
  body: object,
  replace?: (key: string, value: unknown) => unknown,
): Answer {
  return {
    status,
    headers: { 'cache-control': 'no-store', 'content-type': 'application/json' },
    body: `${JSON.stringify(body, replace)}\n`,
  };
}
