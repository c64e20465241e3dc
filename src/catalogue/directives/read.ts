// The texts of templates → `Directives`. Total: whatever a text holds, it is read line by line, each line
// by itself, and what is not understood is told.

import { Directive } from './directive.ts';
import type { Directives } from './directives.ts';
import { Draft } from './draft.ts';
import { type Line, readLines } from './lines.ts';
import { ALWAYS } from './logic.ts';
import { checkNames, format, withoutMarks } from './placeholders.ts';
import { admits, readerOf, restricts } from './readers.ts';
import { Refusal } from './refusal.ts';
import { finish } from './result.ts';
import { readUseBackend } from './routes.ts';
import { readServerWords } from './server-words.ts';
import { TEMPLATES, type Template } from './templates.ts';
import { readTest } from './tests.ts';

const MAX_TEXT = 65_536;
const MAX_LINES = 1_000;
const UNRESTRICTED = '; access is NOT restricted by it';
const NOT_ADMITTED = '; whoever it would let in is subject to the rules behind it';
const HOST = 'host_\uE000cleanedUpHostname\uE001';
const PATH = 'path_\uE000backend\uE001';
const SECTION =
  /^(?:global|defaults|listen|frontend|backend|userlist|peers|resolvers|cache|program)$/;
/** Templates that are a part of the server line. */
const SERVER_WORDS = /^BACKEND_SERVER_.+_HEALTHCHECK_OPTIONS$/;
const PAGE = "the page on the statistics port is Teal's own";

/** Reads one text by itself. */
export function readDirectives(template: string, text: string): Directives {
  return readTemplates(new Map([[template, text]]));
}

/**
 * Reads the texts of one port, by template (without `HAPROXY_`): those that are in use there, see
 * `isUsed`. `values` are what placeholders stand for, as far as it is known; `hostname` and `path` stay
 * as they are in routes. Never throws.
 */
export function readTemplates(
  texts: ReadonlyMap<string, string>,
  values: Readonly<Record<string, string>> = {},
): Directives {
  const draft = new Draft();
  for (const section of ['http', 'https'] as const) {
    draft.lists(section).assume(HOST, readTest(['hdr(host)', '-i', '\uE000hostname\uE001']));
    draft.lists(section).assume(PATH, readTest(['path_beg', '\uE000path\uE001']));
  }
  for (const name of texts.keys()) {
    if (TEMPLATES.has(name)) continue;
    new Directive(draft, 'global', name, 1).ignore([], 'nothing is made of this template');
  }
  const replaced: string[] = [];
  for (const [name, template] of TEMPLATES) {
    const text = texts.get(name);
    if (text === undefined) continue;
    if (template.original !== '' && isSame(text, template.original)) continue;
    if (template.switchedBy !== '') replaced.push(name);
    readText(draft, name, template, text, values);
  }
  readOtherHalf(draft, [...texts.keys()]);
  return finish(draft, replaced);
}

/** Who gives the hosts' ACLs a text of its own leaves the way by them as it is. */
function readOtherHalf(draft: Draft, names: readonly string[]): void {
  const isHalf = names.some((name) => name.includes('_ACL_ONLY'));
  if (!isHalf || names.some((name) => name.includes('ROUTING'))) return;
  const words = ['use_backend', '\uE000backend\uE001', 'if', HOST, PATH];
  const directive = new Directive(draft, 'http', 'HTTP_FRONTEND_ROUTING_ONLY', 1, words);
  attempt(words, directive, () => {
    readUseBackend(words, directive);
  });
}

function readText(
  draft: Draft,
  name: string,
  { section, formatted }: Template,
  text: string,
  values: Readonly<Record<string, string>>,
): void {
  const whole = new Directive(draft, section, name, 1);
  if (text.length > MAX_TEXT) {
    whole.ignore([], `expected a text of at most ${MAX_TEXT} characters; all of it is ignored`);
    return;
  }
  const clean = withoutMarks(text);
  const isRouted = section === 'http' || section === 'https' || section === 'appid';
  const lines = readLines(formatted ? format(clean, isRouted ? {} : values) : clean);
  readWhole(whole, lines);
  if (lines.length > MAX_LINES) {
    whole.ignore([], `expected at most ${MAX_LINES} lines; those behind them are ignored`);
  }
  const sectioned = withSections(lines.slice(0, MAX_LINES), name.endsWith('_HEAD') ? 1 : 0);
  // A table counts for rules before it too.
  const tables = sectioned.filter(({ line }) => line.words[0] === 'stick-table');
  const others = sectioned.filter(({ line }) => line.words[0] !== 'stick-table');
  for (const { line, isForeign, of } of [...tables, ...others]) {
    const directive = new Directive(draft, section, name, line.number, line.words);
    if (name === 'HEAD' && of === 'listen') readPageLine(line.words, directive);
    else if (isForeign) ignore(line.words, 'expected no section of its own here', directive);
    else readLine(line.words, directive);
  }
}

interface Sectioned {
  readonly line: Line;
  /** Word that began the section it stands in. */
  readonly of: string;
  /** In a section that a template has no place for. */
  readonly isForeign: boolean;
}

/** `own`: how many sections the template begins itself, besides those for all. */
function withSections(lines: readonly Line[], own: number): readonly Sectioned[] {
  let of = '';
  let begun = 0;
  return lines.map((line) => {
    const [first = ''] = line.words;
    if (SECTION.test(first)) {
      of = first;
      if (first !== 'global' && first !== 'defaults') begun += 1;
    }
    return { line, of, isForeign: begun > own };
  });
}

function readLine(words: readonly string[], directive: Directive): void {
  const [first = ''] = words;
  attempt(words, directive, () => {
    checkNames(words);
    if (SECTION.test(first)) return;
    if (SERVER_WORDS.test(directive.template)) {
      readServerWords(words, directive);
      return;
    }
    const reader = readerOf(first, directive.template);
    if (reader === null) throw new Refusal('expected a directive that Teal carries out');
    directive.understand(words, reader(words, directive) ?? '');
  });
}

/** Tells of a refusal in place of passing it on. */
function attempt(words: readonly string[], directive: Directive, read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    ignore(words, error.reason, directive);
  }
}

/** A line of `listen stats`. */
function readPageLine(words: readonly string[], directive: Directive): void {
  if (restricts(words)) ignore(words, PAGE, directive);
  else directive.understand(words, PAGE);
}

function ignore(words: readonly string[], reason: string, directive: Directive): void {
  let consequence = restricts(words) ? UNRESTRICTED : '';
  if (admits(words)) consequence = NOT_ADMITTED;
  directive.ignore(words, reason + consequence);
}

/** What a text says by what it leaves out. */
function readWhole(directive: Directive, lines: readonly Line[]): void {
  const { draft, template } = directive;
  const words = lines.flatMap((line) => line.words);
  if (template === 'BACKEND_HTTP_HEALTHCHECK_OPTIONS') draft.check.kind = 'tcp';
  if (SERVER_WORDS.test(template) && !words.includes('check')) {
    draft.check.kind = 'none';
  }
  if (lines.length > 0) return;
  if (template === 'FRONTEND_HEAD') draft.bindsServicePort = false;
  if (template === 'FRONTEND_BACKEND_GLUE') {
    attempt([], directive, () => {
      directive.onRequest({ do: 'deny', status: 503 }, ALWAYS);
    });
  }
  if (template === 'BACKEND_SERVER_OPTIONS') directive.ignore([], 'the tasks serve all the same');
  if (/^HTTPS?_FRONTEND_.*(?:ACL|ROUTING)/.test(template)) {
    directive.ignore([], `an empty text does not take the way to the service away${UNRESTRICTED}`);
  }
}

function isSame(text: string, original: string): boolean {
  const shape = (of: string): string => JSON.stringify(readLines(of).map(({ words }) => words));
  return text.length <= MAX_TEXT && shape(text) === shape(original);
}
