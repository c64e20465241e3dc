// Says each problem once in the log when it appears, and once when it is gone.

import type { Problem } from '../catalogue/problem.ts';
import type { Logger } from '../log/logger.ts';

export class ProblemLog {
  readonly #log: Logger;
  #known = new Map<string, Problem>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Takes the present problems whole. */
  update(problems: readonly Problem[]): void {
    const now = new Map(problems.map((problem) => [keyOf(problem), problem]));
    for (const [key, problem] of now) {
      if (!this.#known.has(key)) this.#log.warn({ ...problem }, lineOf(problem));
    }
    for (const [key, problem] of this.#known) {
      if (!now.has(key)) this.#log.info({ ...problem }, `solved: ${lineOf(problem)}`);
    }
    this.#known = now;
  }
}

/** One line for a person: app, label, value, what was expected. */
export function lineOf(problem: Problem): string {
  const value = problem.value === '' ? '' : ` '${problem.value}'`;
  return `${problem.app ?? 'Teal'}: ${problem.where}${value}: ${problem.message}`;
}

function keyOf(problem: Problem): string {
  return JSON.stringify([problem.app, problem.where, problem.value, problem.message]);
}
