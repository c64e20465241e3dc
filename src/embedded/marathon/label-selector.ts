// Marathon's label selectors: `env==prod, owner in (a,b), !=, notin`, a bare name asks for its presence.

import { ApiError } from './api-error.ts';
import type { Labels } from './app-definition.ts';

export type LabelSelector = (labels: Labels) => boolean;

const TERM = String.raw`((?:[-A-Za-z0-9_.]|\\.)+)`;
const SET = new RegExp(String.raw`^\s*${TERM}\s+(in|notin)\s*\(([^)]*)\)\s*(?:,|$)`);
const EQUALITY = new RegExp(String.raw`^\s*${TERM}\s*(==|!=)\s*${TERM}\s*(?:,|$)`);
const PRESENCE = new RegExp(String.raw`^\s*${TERM}\s*(?:,|$)`);

function plain(term: string): string {
  return term.replace(/\\(.)/g, '$1');
}

function one(match: RegExpExecArray): LabelSelector {
  const name = plain(match[1] ?? '');
  const operator = match[2];
  if (operator === undefined) return (labels) => labels[name] !== undefined;
  const values = (match[3] ?? '')
    .split(operator.endsWith('in') ? ',' : '\n')
    .map((v) => plain(v.trim()));
  const wanted = operator === 'in' || operator === '==';
  return (labels) => {
    const value = labels[name];
    return value !== undefined && values.includes(value) === wanted;
  };
}

/** All terms must hold. Throws 422 for text that is no selector. */
export function parseLabelSelector(text: string): LabelSelector {
  const selectors: LabelSelector[] = [];
  let rest = text;
  while (rest.trim() !== '') {
    const match = SET.exec(rest) ?? EQUALITY.exec(rest) ?? PRESENCE.exec(rest);
    if (match === null) throw new ApiError(422, `Invalid label selector '${text}'`);
    selectors.push(one(match));
    rest = rest.slice(match[0].length);
  }
  return (labels) => selectors.every((selector) => selector(labels));
}
