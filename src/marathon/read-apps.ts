// An answer of GET /v2/apps → apps. What does not fit is left out alone, with one clear problem: a bad
// task costs that task, a bad app that app; only an answer that is no app list at all is an error.

import type { Problem } from '../catalogue/problem.ts';
import type { MarathonApp } from './app.ts';
import { makeApp } from './make-app.ts';
import { type Misfit, misfitOfApp, misfitOfTask, type RawApp, type RawTask } from './raw-app.ts';
import { SourceError } from './source-error.ts';

const MAX_VALUE_LENGTH = 200;

export interface ReadApps {
  /** In Marathon's order; ids are unique. */
  readonly apps: readonly MarathonApp[];
  readonly problems: readonly Problem[];
}

/** One entry of an answer's list. */
export interface ReadEntry {
  /** Null = it is left out. */
  readonly app: MarathonApp | null;
  readonly problems: readonly Problem[];
}

/** Reads parsed JSON. Throws SourceError when it is no app list. */
export function readApps(answer: unknown): ReadApps {
  const problems: Problem[] = [];
  const apps = new Map<string, MarathonApp>();
  for (const [place, raw] of entriesOf(answer).entries()) {
    const { app, problems: told } = readEntry(raw, place);
    if (app !== null && apps.has(app.id)) {
      problems.push(againProblem(app.id));
    } else {
      problems.push(...told);
      if (app !== null) apps.set(app.id, app);
    }
  }
  return { apps: [...apps.values()], problems };
}

/** The list in parsed JSON. Throws SourceError when there is none. */
export function entriesOf(answer: unknown): readonly unknown[] {
  const list = isRecord(answer) ? answer['apps'] : undefined;
  if (Array.isArray(list)) return list;
  throw new SourceError(`expected JSON with a list 'apps', got ${cut(answer)}`);
}

/** `place` in the list names an entry without an id. */
export function readEntry(raw: unknown, place: number): ReadEntry {
  const misfit = misfitOfApp(raw);
  if (misfit !== null) return { app: null, problems: [appProblem(raw, place, misfit)] };
  const problems: Problem[] = [];
  const app = makeApp(raw as RawApp, readTasks(raw as RawApp, problems));
  return { app, problems };
}

/** Of an entry with the id of one before it. */
export function againProblem(id: string): Problem {
  return appProblem({ id }, 0, { pointer: '/id', expected: 'expected each app once' });
}

function readTasks(app: RawApp, problems: Problem[]): RawTask[] {
  const tasks = new Map<string, RawTask>();
  for (const [place, raw] of (app.tasks ?? []).entries()) {
    const misfit = misfitOfTask(raw);
    if (misfit !== null) {
      problems.push(taskProblem(app.id, raw, place, misfit));
    } else if (!tasks.has((raw as RawTask).id)) {
      tasks.set((raw as RawTask).id, raw as RawTask);
    }
  }
  return [...tasks.values()];
}

function appProblem(raw: unknown, place: number, misfit: Misfit): Problem {
  const app = idIn(raw);
  return {
    app,
    where: app === null ? `/apps/${place}${misfit.pointer}` : misfit.pointer || '/',
    value: cut(at(raw, misfit.pointer)),
    message: `${misfit.expected} in Marathon's answer; the app is left out`,
  };
}

function taskProblem(app: string, raw: unknown, place: number, misfit: Misfit): Problem {
  return {
    app,
    where: `/tasks/${place}${misfit.pointer}`,
    value: cut(at(raw, misfit.pointer)),
    message: `${misfit.expected} in Marathon's answer; the task ${idIn(raw) ?? 'without id'} is left out`,
  };
}

function idIn(raw: unknown): string | null {
  const id = isRecord(raw) ? raw['id'] : null;
  return typeof id === 'string' && id !== '' ? id.slice(0, MAX_VALUE_LENGTH) : null;
}

/** The value a JSON pointer (RFC 6901) leads to. */
function at(root: unknown, pointer: string): unknown {
  let value = root;
  for (const step of pointer.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    value = isRecord(value) || Array.isArray(value) ? Reflect.get(value, key) : undefined;
  }
  return value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function cut(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.slice(0, MAX_VALUE_LENGTH);
}
