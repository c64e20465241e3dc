// Conditions, made into functions.

import { makePattern } from '../../pattern/pattern.ts';
import type { Condition, Test } from '../../plan/plan.ts';
import { makeFetcher } from './fetch.ts';
import { bytesOf } from './head-text.ts';
import { Networks } from './networks.ts';
import type { Subject } from './subject.ts';

export type Holds = (subject: Subject) => boolean;

const ALWAYS: Holds = () => true;

/** Null if it is not understood: a pattern is none, or a range. */
export function makeCondition(condition: Condition | null): Holds | null {
  if (condition === null) return ALWAYS;
  const lists = condition.anyOf.map((tests) => tests.map(makeTest));
  if (lists.flat().includes(null)) return null;
  const anyOf = lists as Holds[][];
  const { negated } = condition;
  return (subject) => anyOf.some((allOf) => allOf.every((holds) => holds(subject))) !== negated;
}

function makeTest(test: Test): Holds | null {
  const fetch = makeFetcher(test.fetch);
  const matches = makeMatcher(test);
  if (matches === null) return null;
  const { negated } = test;
  if (test.match === 'found') return (subject) => fetch(subject).length > 0 !== negated;
  return (subject) => fetch(subject).some(matches) !== negated;
}

type Matches = (value: string) => boolean;

function makeMatcher(test: Test): Matches | null {
  const { match, ignoresCase } = test;
  switch (match) {
    case 'found':
      return () => true;
    case 'true':
      return (value) => Number(value) !== 0 && value !== '';
    case 'network': {
      const networks = new Networks(test.values);
      return (value) => networks.has(value);
    }
    case 'range':
      return makeRanges(test.values);
    case 'regex':
      return makePatterns(test.values, ignoresCase);
    default:
      return makeTextMatcher(match, test.values.map(bytesOf), ignoresCase);
  }
}

const TEXT_MATCHES = {
  prefix: (value: string, wanted: string) => value.startsWith(wanted),
  suffix: (value: string, wanted: string) => value.endsWith(wanted),
  substring: (value: string, wanted: string) => value.includes(wanted),
  directory: (value: string, wanted: string) => hasPiece(value, wanted, '/'),
  domain: (value: string, wanted: string) => hasPiece(value, wanted, '.'),
} as const;

function makeTextMatcher(
  match: keyof typeof TEXT_MATCHES | 'exact',
  values: readonly string[],
  ignoresCase: boolean,
): Matches {
  const folded = ignoresCase ? values.map((value) => value.toLowerCase()) : values;
  const compare = exactOr(match, folded);
  return ignoresCase ? (value) => compare(value.toLowerCase()) : compare;
}

function exactOr(match: keyof typeof TEXT_MATCHES | 'exact', values: readonly string[]): Matches {
  if (match === 'exact') {
    const all = new Set(values);
    return (value) => all.has(value);
  }
  const fits = TEXT_MATCHES[match];
  return (value) => values.some((wanted) => fits(value, wanted));
}

/** `wanted` is one piece, or several in a row (`a/b`), between delimiters. */
function hasPiece(value: string, wanted: string, delimiter: string): boolean {
  const bare = wanted.split(delimiter).filter(Boolean).join(delimiter);
  return bare !== '' && `${delimiter}${value}${delimiter}`.includes(delimiter + bare + delimiter);
}

function makePatterns(sources: readonly string[], ignoresCase: boolean): Matches | null {
  const patterns = sources.map((source) => makePattern(source, ignoresCase));
  if (patterns.includes(null)) return null;
  return (value) => patterns.some((pattern) => pattern?.test(value));
}

function makeRanges(texts: readonly string[]): Matches | null {
  const ranges = texts.map((text) => /^(-?\d+)?(:)?(-?\d+)?$/.exec(text));
  if (ranges.includes(null)) return null;
  const bounds = ranges.map((range) => {
    const [, from, colon, to] = range as RegExpExecArray;
    const least = from === undefined ? Number.NEGATIVE_INFINITY : Number(from);
    if (colon === undefined) return { least, most: least };
    return { least, most: to === undefined ? Number.POSITIVE_INFINITY : Number(to) };
  });
  return (value) => {
    if (!/^-?\d+$/.test(value)) return false;
    const number = Number(value);
    return bounds.some(({ least, most }) => number >= least && number <= most);
  };
}
