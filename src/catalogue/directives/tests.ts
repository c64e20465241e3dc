// One comparison of an ACL: `hdr_end(host) -i .example.com`, `src 10.0.0.0/8`, `sc_http_req_rate(0) gt 20`.

import { readNetwork } from '../networks.ts';
import type { Fetch, Test } from '../policy.ts';
import { type Kind, readSample, splitCall } from './fetches.ts';
import { ALWAYS, type Logic, NEVER, type RateTest } from './logic.ts';
import { checkPattern } from './patterns.ts';
import { literal } from './placeholders.ts';
import { refuse } from './refusal.ts';

const METHODS: Readonly<Record<string, Test['match']>> = {
  str: 'exact',
  beg: 'prefix',
  end: 'suffix',
  sub: 'substring',
  dir: 'directory',
  dom: 'domain',
  reg: 'regex',
  ip: 'network',
  int: 'range',
  bool: 'true',
  found: 'found',
};
const BY_KIND: Readonly<Record<Kind, Test['match']>> = {
  text: 'exact',
  number: 'range',
  address: 'network',
  switch: 'true',
};
const SUFFIX = /^(.+)_(beg|end|sub|dir|dom|reg|str)$/;
const RATE = /^(?:sc(\d?)|(src))_(http_req_rate|http_err_rate|conn_rate|sess_rate|conn_cur)$/;
const COUNTED: Readonly<Record<string, RateTest['rate']>> = {
  http_req_rate: 'requests',
  http_err_rate: 'errors',
  conn_rate: 'connections',
  sess_rate: 'connections',
  conn_cur: 'open-connections',
};
const WITHOUT_VALUES: ReadonlySet<Test['match']> = new Set(['found', 'true']);

/** Reads a fetch, its flags and its values. */
export function readTest(words: readonly string[]): Logic {
  const [criterion = '', ...rest] = words;
  const call = splitCall(criterion.split(',')[0] ?? '');
  if (call.name === 'always_true' || call.name === 'always_false') {
    return call.name === 'always_true' ? ALWAYS : NEVER;
  }
  const rate = RATE.exec(call.name);
  if (rate !== null) return [[readRate(rate, call.argument, rest)]];
  const { method, ignoresCase, values } = readFlags(rest);
  const { fetch, match } = readCriterion(criterion, method);
  if (WITHOUT_VALUES.has(match)) {
    // `ssl_fc 0` is how some write `!ssl_fc`; `-m found` takes no values at all.
    const negated = match === 'true' && values.length === 1 && values[0] === '0';
    return [[{ fetch, match, values: [], ignoresCase: false, negated }]];
  }
  if (values.length === 0) refuse(`expected values to compare ${criterion} with`);
  const compared =
    match === 'range'
      ? readRanges(values)
      : values.map((one) => comparedAs(match, one, ignoresCase));
  // A method is compared as it is: RFC 9110 §9.1 has it case-sensitive.
  return [[{ fetch, match, values: compared, ignoresCase, negated: false }]];
}

function readCriterion(criterion: string, method: string): Pick<Test, 'fetch' | 'match'> {
  const [head = ''] = /^[^(,]*/.exec(criterion) ?? [];
  const [, stem, suffix] = SUFFIX.exec(head) ?? [];
  const named = suffix === undefined ? criterion : `${stem}${criterion.slice(head.length)}`;
  const { fetch, kind } = readSample(named);
  if (/^(?:req\.|res\.)?fhdr\(/.test(named) && method !== 'found') {
    refuse('expected hdr: what stands between commas is compared by itself');
  }
  const word = method === '' ? (suffix ?? '') : method;
  if (word === '') return { fetch, match: BY_KIND[kind] };
  const match = Object.hasOwn(METHODS, word) ? METHODS[word] : undefined;
  return {
    fetch,
    match: match ?? refuse(`expected a way to compare that Teal knows, not -m ${word}`),
  };
}

interface Flags {
  readonly method: string;
  readonly ignoresCase: boolean;
  readonly values: readonly string[];
}

function readFlags(words: readonly string[]): Flags {
  let method = '';
  let ignoresCase = false;
  let at = 0;
  for (; at < words.length; at += 1) {
    const word = words[at] as string;
    if (word === '-i') ignoresCase = true;
    else if (word === '-m') method = words[++at] ?? '';
    else if (word === '--') return { method, ignoresCase, values: words.slice(at + 1) };
    else if (word === '-f' || word === '-M')
      refuse('expected values, the files of HAProxy are not read');
    else if (word === '-n' || /^-[a-zA-Z]$/.test(word))
      refuse(`expected -i, -m or values, not ${word}`);
    else break;
  }
  return { method, ignoresCase, values: words.slice(at) };
}

/** A placeholder is told by who reads the routes; nowhere else can it be compared. */
function comparedAs(match: Test['match'], value: string, ignoresCase: boolean): string {
  if (match === 'network') {
    return readNetwork(literal(value)) ?? refuse(`expected an address or network, not ${value}`);
  }
  return match === 'regex' ? checkPattern(literal(value), ignoresCase) : value;
}

/** `gt 5`, `10:20`, `429` → ranges, the operators being those of all values behind them. */
function readRanges(words: readonly string[]): readonly string[] {
  let operator = 'eq';
  const ranges: string[] = [];
  for (const word of words) {
    if (/^(?:eq|ge|gt|le|lt)$/.test(word)) operator = word;
    else ranges.push(rangeOf(operator, word));
  }
  return ranges.length > 0 ? ranges : refuse('expected a number');
}

function rangeOf(operator: string, word: string): string {
  if (operator === 'eq' && /^(?:\d{1,15}:\d{0,15}|:?\d{1,15})$/.test(word)) return word;
  const count = /^\d{1,15}$/.test(word) ? Number(word) : Number.NaN;
  if (Number.isNaN(count)) refuse(`expected a number, not ${literal(word)}`);
  if (operator === 'ge') return `${count}:`;
  if (operator === 'gt') return `${count + 1}:`;
  if (operator === 'le') return `:${count}`;
  return count > 0 ? `:${count - 1}` : refuse('expected a number that something can be less than');
}

function readRate(match: RegExpExecArray, argument: string, words: readonly string[]): RateTest {
  const [, digit, source, counted = ''] = match;
  const [first = '', table] = argument.split(',').map((piece) => piece.trim());
  const numbered = digit === '' && source === undefined;
  if (table !== undefined || (!numbered && first !== '')) {
    refuse('expected the table of the backend itself, Teal has no others');
  }
  if (numbered && !/^[0-9]$/.test(first)) {
    refuse('expected the number of a counter in the brackets');
  }
  const [operator = '', count = '', ...more] = words;
  const most = /^\d{1,9}$/.test(count) ? Number(count) : Number.NaN;
  if ((operator !== 'gt' && operator !== 'ge') || Number.isNaN(most) || more.length > 0) {
    refuse('expected gt or ge and a number behind the rate');
  }
  return {
    rate: COUNTED[counted] as RateTest['rate'],
    counter: source === undefined ? Number(numbered ? first : digit) : -1,
    most: operator === 'gt' ? most : Math.max(0, most - 1),
  };
}

/** For other readers: the same comparison of plain text. */
export function textTest(fetch: Fetch, match: Test['match'], values: readonly string[]): Test {
  return { fetch, match, values, ignoresCase: false, negated: false };
}
