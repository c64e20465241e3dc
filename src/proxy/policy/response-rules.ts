// The rules for responses of servers, made into one function.

import type { ResponseAction, ResponseRule } from '../../plan/plan.ts';
import { reasonOf } from '../answers.ts';
import { makeCondition } from './condition.ts';
import { bytesOf, type HeadText } from './head-text.ts';
import { type Edit, makeHeaderEdit } from './header-edit.ts';
import type { Subject } from './subject.ts';

/** Edits the response; false = it is refused. */
export type ResponseProgram = (subject: Subject, head: HeadText) => boolean;

/** `faults` takes a clause for each rule that is left out, or refuses everything. */
export function makeResponseProgram(
  rules: readonly ResponseRule[],
  faults: string[],
): ResponseProgram | null {
  const steps = rules.flatMap(({ when, action }) => {
    const holds = makeCondition(when);
    const edit = action.do === 'deny' ? null : makeEdit(action);
    if (typeof edit === 'string') {
      faults.push(`${action.do}: ${edit}`);
      return [];
    }
    if (holds !== null) return { holds, edit };
    const then = edit === null ? 'it refuses every response' : 'it is left out';
    faults.push(`${action.do}: its condition is not understood, ${then}`);
    return edit === null ? { holds: () => true, edit } : [];
  });
  if (steps.length === 0) return null;
  return (subject, head) => {
    for (const { holds, edit } of steps) {
      if (!holds(subject)) continue;
      if (edit === null) return false;
      edit(subject, head);
    }
    return true;
  };
}

function makeEdit(action: Exclude<ResponseAction, { readonly do: 'deny' }>): Edit | string {
  switch (action.do) {
    case 'set-status':
      return makeStatusEdit(action.status);
    case 'prefix-location':
      return makeLocationEdit(action.prefix, action.hosts);
    default:
      return makeHeaderEdit(action);
  }
}

/** True if a response of this status may have a body. */
function mayHaveBody(status: number): boolean {
  return status >= 200 && status <= 599 && status !== 204 && status !== 304;
}

/** A status that says whether there is a body stays, and comes from the server alone. */
function makeStatusEdit(status: number): Edit | string {
  if (!mayHaveBody(status)) return `${status} would change where the response ends`;
  return (subject, head) => {
    if (!mayHaveBody(subject.status)) return;
    subject.status = status;
    head.startLine = `HTTP/1.1 ${status} ${reasonOf(status)}`;
  };
}

const LOCATION = /^https?:\/\/([^/?#:]*)(?::\d{0,5})?(\/.*)$/i;

/** HTTP_BACKEND_REVPROXY_PATH, as it was meant: the path stays behind the prefix. */
function makeLocationEdit(prefix: string, hosts: readonly string[]): Edit {
  const before = bytesOf(prefix).replace(/\/$/, '');
  const exact = new Set(hosts);
  const suffixes = hosts.filter((host) => host.startsWith('*.')).map((host) => host.slice(1));
  const isOurs = (host: string): boolean =>
    exact.has(host) || suffixes.some((suffix) => host.endsWith(suffix));
  return (_, head) =>
    head.rewrite('location', (value) => {
      // Two slashes name another host.
      if (value.startsWith('/') && !value.startsWith('//')) return `${before}${value}`;
      const [, host = '', path = ''] = LOCATION.exec(value) ?? [];
      return path !== '' && isOurs(host.toLowerCase()) ? `${before}${path}` : null;
    });
}
