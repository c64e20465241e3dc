// What `teal check` prints: a block for each app with a row for each label, and the sum. Pure.

import type { LabelVerdict, Verdict } from '../catalogue/verdicts.ts';

/** One file, or standard input (`-`). */
export interface CheckedFile {
  readonly file: string;
  readonly apps: readonly CheckedApp[];
}

export interface CheckedApp {
  /** Empty where not even that could be read. */
  readonly id: string;
  readonly labels: readonly LabelVerdict[];
  /** Why the definition is none, or why nobody will serve it; empty = nothing. */
  readonly faults: readonly string[];
  readonly remarks: readonly string[];
}

export interface Look {
  readonly coloured: boolean;
  /** Columns of the terminal; 0 = lines are as long as they are. */
  readonly columns: number;
}

const VERDICTS: readonly Verdict[] = ['honoured', 'translated', 'ignored', 'wrong'];
/** SGR parameters of ECMA-48. */
const COLOURS: Readonly<Record<Verdict, number>> = {
  honoured: 32,
  translated: 36,
  ignored: 33,
  wrong: 31,
};
const BOLD = 1;
const FAINT = 2;
const VERDICT_WIDTH = Math.max(...VERDICTS.map((verdict) => verdict.length));
const MAX_VALUE = 60;
const LEAST_WIDTH = 20;
/** Between the things that are said of one label. */
const CLAUSES = ' · ';

export function hasFault({ apps }: CheckedFile): boolean {
  return apps.some(
    ({ labels, faults }) => faults.length > 0 || labels.some(({ verdict }) => verdict === 'wrong'),
  );
}

/** For machines: the same as an object. */
export function asJson(files: readonly CheckedFile[]): string {
  return `${JSON.stringify({ files }, null, 2)}\n`;
}

export function asText(files: readonly CheckedFile[], look: Look): string {
  const blocks = files.flatMap(({ file, apps }) => apps.map((app) => blockOf(app, file, look)));
  return `${[...blocks, sumOf(files)].join('\n\n')}\n`;
}

function blockOf({ id, labels, faults, remarks }: CheckedApp, file: string, look: Look): string {
  const width = Math.max(0, ...labels.map(({ label }) => visible(label).length));
  const lines = [`${paint(visible(id) || '(no app)', BOLD, look)}  ${paint(file, FAINT, look)}`];
  for (const fault of faults) {
    lines.push(
      `  ${verdictOf('wrong', look)}  ${wrapped(visible(fault), VERDICT_WIDTH + 4, look)}`,
    );
  }
  for (const { label, value, verdict, note, suggestion } of labels) {
    const name = visible(label).padEnd(width);
    lines.push(`  ${verdictOf(verdict, look)}  ${name}  ${shortened(value)}`);
    const indent = VERDICT_WIDTH + 4;
    const margin = ' '.repeat(indent);
    for (const clause of note === '' ? [] : note.split(CLAUSES)) {
      lines.push(margin + wrapped(visible(clause), indent, look));
    }
    if (suggestion !== '') lines.push(`${margin}try ${visible(suggestion)}`);
  }
  for (const remark of remarks) lines.push(`  ${wrapped(visible(remark), 2, look)}`);
  return lines.join('\n');
}

function sumOf(files: readonly CheckedFile[]): string {
  const apps = files.flatMap((one) => one.apps);
  const labels = apps.flatMap((app) => app.labels);
  const counts = VERDICTS.map((verdict) => {
    const count = labels.filter((label) => label.verdict === verdict).length;
    return `${count} ${verdict}`;
  });
  return `${amount(apps.length, 'app')}, ${amount(labels.length, 'label')}: ${counts.join(', ')}`;
}

function amount(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function verdictOf(verdict: Verdict, look: Look): string {
  return paint(verdict.padEnd(VERDICT_WIDTH), COLOURS[verdict], look);
}

function paint(text: string, parameter: number, { coloured }: Look): string {
  return coloured ? `\x1b[${parameter}m${text}\x1b[0m` : text;
}

function shortened(value: string): string {
  const text = visible(value);
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE - 1)}…` : text;
}

/** Text of others must not steer the terminal, or turn itself around in it. */
export function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    const escaped = JSON.stringify(character).slice(1, -1);
    if (escaped !== character) return escaped;
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}

/** Broken between words; what follows the first line begins in the same column. */
function wrapped(text: string, indent: number, { columns }: Look): string {
  const room = columns - indent;
  if (room < LEAST_WIDTH) return text;
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}
