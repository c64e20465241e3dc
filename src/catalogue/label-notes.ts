// What was made of each label of an app: the verdicts `teal check` shows, and the problems that the log
// and the stats page show. A label has one verdict, the worst that was said of it; everything wrong with
// it is said, but never so much that one label fills the page.

import type { MarathonApp } from '../marathon/app.ts';
import type { Problem } from './problem.ts';

/**
 * `honoured`: as Marathon-LB does. `translated`: carried out, but not to the letter. `ignored`: nothing
 * is made of it. `wrong`: its owner has to change it.
 */
export type Verdict = 'honoured' | 'translated' | 'ignored' | 'wrong';

export interface LabelVerdict {
  readonly label: string;
  /** Cut to 200 characters. */
  readonly value: string;
  readonly verdict: Verdict;
  /** What was expected or is done instead; empty where there is nothing to say. */
  readonly note: string;
  /** What was probably meant, as `LABEL=value`; empty if nothing can be guessed. */
  readonly suggestion: string;
}

/** The piece of a value that is concerned, where it is not the whole, and what it should be. */
export interface Particulars {
  readonly piece?: string;
  /** The label as it should be: `LABEL=value`. */
  readonly suggestion?: string;
}

const MAX_LENGTH = 200;
const MAX_NOTE_LENGTH = 500;
const MAX_PROBLEMS = 10;
const SEVERITY: readonly Verdict[] = ['honoured', 'translated', 'ignored', 'wrong'];

interface Entry {
  readonly verdict: Verdict;
  readonly note: string;
  readonly suggestion: string;
}

const NOTHING: Entry = Object.freeze({ verdict: 'honoured', note: '', suggestion: '' });

export class LabelNotes {
  readonly problems: Problem[] = [];
  readonly #app: MarathonApp;
  readonly #entries = new Map<string, Entry>();
  /** How many problems each label has. */
  readonly #told = new Map<string, number>();

  constructor(app: MarathonApp) {
    this.#app = app;
  }

  honoured(label: string, note = ''): void {
    if (note !== '') this.#enter(label, 'honoured', note, '');
    else if (!this.#entries.has(label)) this.#entries.set(label, NOTHING);
  }

  translated(label: string, note: string, suggestion = ''): void {
    this.#enter(label, 'translated', note, suggestion);
  }

  ignored(label: string, message: string, about: Particulars = {}): void {
    this.#report(label, 'ignored', message, about);
  }

  wrong(label: string, message: string, about: Particulars = {}): void {
    this.#report(label, 'wrong', message, about);
  }

  /** Nothing is made of it, and nobody has to know but who asks. */
  passedOver(label: string, note: string): void {
    this.#enter(label, 'ignored', note, '');
  }

  /** Of the labels the app has, by name. */
  verdicts(): readonly LabelVerdict[] {
    return [...this.#entries]
      .filter(([label]) => this.#app.labels[label] !== undefined)
      .map(([label, { verdict, note, suggestion }]) => ({
        label: cut(label),
        value: shown(label, this.#app.labels[label] ?? ''),
        verdict,
        note,
        suggestion: cut(suggestion),
      }))
      .sort((a, b) => (a.label < b.label ? -1 : 1));
  }

  #report(label: string, verdict: Verdict, message: string, about: Particulars): void {
    const told = this.#told.get(label) ?? 0;
    if (told === MAX_PROBLEMS) return;
    this.#told.set(label, told + 1);
    const last = told + 1 === MAX_PROBLEMS ? '; whatever else is wrong with it is not told' : '';
    const said = message.slice(0, MAX_NOTE_LENGTH) + last;
    this.#enter(label, verdict, noteOn(said, about.piece), about.suggestion ?? '');
    const value = shown(label, about.piece ?? this.#app.labels[label] ?? '');
    this.problems.push({ app: this.#app.id, where: cut(label), value, message: said });
  }

  #enter(label: string, verdict: Verdict, note: string, suggestion: string): void {
    const before = this.#entries.get(label) ?? NOTHING;
    this.#entries.set(label, {
      verdict: worse(before.verdict, verdict),
      note: [before.note, note].filter(Boolean).join(' · '),
      suggestion: before.suggestion || suggestion,
    });
  }
}

function noteOn(message: string, piece: string | undefined): string {
  return piece === undefined || piece === '' ? message : `'${cut(piece)}': ${message}`;
}

function worse(a: Verdict, b: Verdict): Verdict {
  return SEVERITY.indexOf(a) < SEVERITY.indexOf(b) ? b : a;
}

/** Whatever resembles a password label: somebody's password may be in it, which is not shown. */
export function isSecret(label: string): boolean {
  return /_(?:A[UT]|UA)\w{0,3}$|_USERLIST_HEAD$/i.test(label);
}

function shown(label: string, value: string): string {
  return isSecret(label) ? '(not shown)' : cut(value);
}

function cut(text: string): string {
  return text.length > MAX_LENGTH ? text.slice(0, MAX_LENGTH) : text;
}
