// The rules for requests, made into one function per listener kind: they are gone through in order
// until one answers or lets the request go on. A refusal that cannot be understood refuses everybody,
// since whoever wrote it meant to keep somebody out; any other rule is left out.

import { expanded, makePattern } from '../../pattern/pattern.ts';
import type { ListenerKind, RequestAction, RequestRule } from '../../plan/plan.ts';
import { type Holds, makeCondition } from './condition.ts';
import { makeFormatter } from './format.ts';
import { bytesOf } from './head-text.ts';
import { makeHeaderEdit } from './header-edit.ts';
import { makeLimit } from './limit.ts';
import { content, denial, type Reply, redirection } from './reply.ts';
import type { Subject } from './subject.ts';

/** Edits the request; the answer in the server's place, null = it goes on to a server. */
export type RequestProgram = (subject: Subject) => Reply | null;

/** What a rule's action does: an answer, `go` = it goes on at once, null = the next rule. */
type Step = (subject: Subject) => Reply | 'go' | null;

interface Rule {
  readonly scope: RequestRule['scope'];
  readonly holds: Holds;
  readonly step: Step;
}

/** `faults` takes a clause for each rule that is not carried out as it is written. */
export function makeRequestPrograms(
  rules: readonly RequestRule[],
  workers: number,
  faults: string[],
): Readonly<Record<ListenerKind, RequestProgram | null>> {
  const made = rules.flatMap((rule) => makeRule(rule, workers, faults) ?? []);
  return {
    service: programOf(made, 'entrance'),
    http: programOf(made, 'http'),
    https: programOf(made, 'https'),
    appid: programOf(made, 'appid'),
  };
}

function programOf(all: readonly Rule[], scope: RequestRule['scope']): RequestProgram | null {
  const rules = all.filter((rule) => rule.scope === 'everywhere' || rule.scope === scope);
  if (rules.length === 0) return null;
  return (subject) => {
    for (const { holds, step } of rules) {
      if (!holds(subject)) continue;
      const outcome = step(subject);
      if (outcome === 'go') return null;
      if (outcome !== null) return outcome;
    }
    return null;
  };
}

function makeRule({ when, action, scope }: RequestRule, workers: number, faults: string[]) {
  const holds = makeCondition(when);
  const step = makeStep(action, workers);
  if (typeof step === 'string') {
    faults.push(`${action.do}: ${step}`);
    return null;
  }
  if (holds !== null) return { scope, holds, step };
  if (action.do !== 'deny' && action.do !== 'limit') {
    faults.push(`${action.do}: its condition is not understood, it is left out`);
    return null;
  }
  faults.push(`${action.do}: its condition is not understood, it refuses every request`);
  return { scope, holds: () => true, step: () => denial(action.status) };
}

/** A step, or why there is none. */
function makeStep(action: RequestAction, workers: number): Step | string {
  switch (action.do) {
    case 'allow':
      return () => 'go';
    case 'deny': {
      const reply = denial(action.status);
      return () => reply;
    }
    case 'return': {
      const reply = content(action.status, bytesOf(action.contentType), bytesOf(action.body));
      return () => reply;
    }
    case 'redirect':
      return makeRedirect(action);
    case 'limit': {
      const exceeds = makeLimit(action, workers);
      const reply = denial(action.status);
      return (subject) => (exceeds(subject) ? reply : null);
    }
    case 'set-method':
    case 'set-path':
    case 'set-query':
    case 'set-target':
    case 'replace-path':
    case 'replace-target':
    case 'strip-prefix':
      return makeTargetEdit(action);
    default: {
      const edit = makeHeaderEdit(action);
      if (typeof edit === 'string') return edit;
      return (subject) => {
        edit(subject, subject.request.head);
        return null;
      };
    }
  }
}

function makeRedirect(action: Extract<RequestAction, { readonly do: 'redirect' }>): Step {
  const { to, status, value, dropsQuery } = action;
  const format = makeFormatter(value);
  return (subject) => {
    const { request } = subject;
    const target = dropsQuery ? request.path : request.target;
    const text = format(subject);
    if (to === 'location') return redirection(status, text);
    // A prefix that is a slash alone means none.
    if (to === 'prefix') return redirection(status, `${text === '/' ? '' : text}${target}`);
    return redirection(status, `${text}://${request.head.first('host') ?? ''}${target}`);
  };
}

type TargetAction = Extract<
  RequestAction,
  {
    readonly do:
      | 'set-method'
      | 'set-path'
      | 'set-query'
      | 'set-target'
      | 'replace-path'
      | 'replace-target'
      | 'strip-prefix';
  }
>;

const SETTABLE = {
  'set-method': 'method',
  'set-path': 'path',
  'set-query': 'query',
  'set-target': 'target',
  'replace-path': 'path',
  'replace-target': 'target',
} as const;

function makeTargetEdit(action: TargetAction): Step | string {
  if (action.do === 'strip-prefix') return makeStrip(bytesOf(action.prefix).toLowerCase());
  if ('pattern' in action) {
    const part = SETTABLE[action.do];
    const pattern = makePattern(action.pattern, action.ignoresCase);
    if (pattern === null)
      return `${JSON.stringify(action.pattern)} is no pattern that RE2 understands, or too large`;
    const value = bytesOf(action.value);
    return ({ request }) => {
      const groups = request.hasPath ? pattern.groups(request[part]) : null;
      if (groups !== null) request[part] = expanded(value, groups);
      return null;
    };
  }
  const part = SETTABLE[action.do];
  const format = makeFormatter(action.value);
  return (subject) => {
    subject.request[part] = format(subject);
    return null;
  };
}

/** HTTP_BACKEND_PROXYPASS_PATH. */
function makeStrip(prefix: string): Step {
  return ({ request }) => {
    const { target } = request;
    if (!request.path.toLowerCase().startsWith(prefix)) return null;
    const rest = target.slice(prefix.length);
    request.target = rest.startsWith('/') ? rest : `/${rest}`;
    return null;
  };
}
