// HAProxy's log-format (`%[src]`, `%ci`, `%%`) → text that is put together for each request.

import type { Fetch, Format } from '../policy.ts';
import { readSample, splitCall } from './fetches.ts';
import { refuse } from './refusal.ts';

const MAX_LENGTH = 4_000;

/** Variables of logs that make sense in a header. */
const VARIABLES: Readonly<Record<string, Fetch['from']>> = {
  ci: 'client-address',
  cp: 'client-port',
  fi: 'listener-address',
  fp: 'listener-port',
  b: 'backend',
  s: 'server',
  H: 'balancer-host',
  HM: 'method',
  HP: 'path',
  HU: 'target',
  HQ: 'query',
  ID: 'unique-id',
  Ts: 'now',
  ST: 'status',
};

/** Placeholders that stand for something each request knows itself. */
const PLACEHOLDERS: Readonly<Record<string, Fetch['from']>> = {
  backend: 'backend',
  servicePort: 'listener-port',
};

const PIECE =
  /%%|%(?:\{([^}]*)\})?\[((?:[^\]\\]|\\.)*)\]|%(?:\{([^}]*)\})?([A-Za-z]{1,4})|\uE000([a-z0-9_]+)\uE001/gi;

/** Reads one value. Line breaks cannot be in it: no fetch and no text may begin a field of its own. */
export function readFormat(word: string | undefined): Format {
  if (word === undefined) refuse('expected a value');
  if (word.length > MAX_LENGTH) refuse(`expected a value of at most ${MAX_LENGTH} characters`);
  if (/[\0\r\n]/.test(word)) refuse('expected a value without line breaks');
  const pieces: (string | Fetch)[] = [];
  let from = 0;
  for (const match of word.matchAll(PIECE)) {
    pieces.push(word.slice(from, match.index));
    from = match.index + match[0].length;
    pieces.push(...readPiece(match));
  }
  pieces.push(word.slice(from));
  return joined(pieces);
}

/** Text without anything fetched, for where HAProxy takes none either. */
export function readText(word: string | undefined): string {
  const format = readFormat(word);
  const text = format.map((piece) =>
    typeof piece === 'string' ? piece : refuse('expected plain text, without %[…]'),
  );
  return text.join('');
}

function readPiece([whole, flags, sample, varFlags, name, placeholder]: RegExpMatchArray): Format {
  if (whole === '%%') return ['%'];
  // Quotes are for logs: HAProxy puts none around a sample in a field.
  const isPlain = varFlags === undefined && (flags === undefined || flags === '+Q');
  if (!isPlain) refuse(`expected no format flags in ${whole}`);
  if (sample !== undefined) return readBracket(sample);
  if (placeholder !== undefined) {
    const from = Object.hasOwn(PLACEHOLDERS, placeholder) ? PLACEHOLDERS[placeholder] : undefined;
    if (from === undefined) refuse(`what {${placeholder}} stands for is not known here`);
    return [{ from, name: '', converters: [] }];
  }
  const from = Object.hasOwn(VARIABLES, name ?? '') ? VARIABLES[name ?? ''] : undefined;
  if (from === undefined) refuse(`expected a variable Teal knows in place of ${whole}`);
  return [{ from, name: '', converters: [] }];
}

function readBracket(sample: string): Format {
  const expression = sample.replaceAll(/\\(.)/g, '$1');
  if (expression.startsWith('str(')) return [splitCall(expression).argument];
  if (expression === 'base') {
    return [
      { from: 'request-header', name: 'host', converters: [] },
      { from: 'path', name: '', converters: [] },
    ];
  }
  return [readSample(expression).fetch];
}

function joined(pieces: Format): Format {
  const result: (string | Fetch)[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    if (piece === '') continue;
    if (typeof piece === 'string' && typeof last === 'string')
      result[result.length - 1] = last + piece;
    else result.push(piece);
  }
  return result;
}
