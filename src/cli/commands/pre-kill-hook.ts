// The program of --pre-kill-hook: asked before tasks are killed, with what zdd.py tells it.

import { spawn } from 'node:child_process';
import type { AppState } from './marathon-desk.ts';

/** Resolves with why it did not agree, one clause; null = it did. What it prints goes to standard error. */
export function callHook(
  program: string,
  old: AppState,
  taskIds: readonly string[],
  young: AppState | null,
): Promise<string | null> {
  const said = [old.json, taskIds, young?.json ?? null].map((one) => JSON.stringify(one));
  return new Promise((resolve) => {
    const child = spawn(program, said, { stdio: ['ignore', 2, 2] });
    child.on('error', (error) => resolve(error.message.slice(0, 200)));
    child.on('exit', (code, signal) => {
      resolve(code === 0 ? null : code === null ? `ended by ${signal}` : `exit code ${code}`);
    });
  });
}
