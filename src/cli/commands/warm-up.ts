// Waits until an app has all its instances in Marathon, with a line of progress for every change.

import { setTimeout as pause } from 'node:timers/promises';
import type { AppState, MarathonDesk } from './marathon-desk.ts';

const LOOK_EVERY_MS = 500;

export function isWarm(app: AppState): boolean {
  const usable = app.hasHealthChecks ? app.tasksHealthy : app.tasksRunning;
  return !app.deploying && usable >= app.instances;
}

export function progressOf({ id, instances, ...app }: AppState): string {
  const healthy = app.hasHealthChecks ? `, ${app.tasksHealthy} healthy` : '';
  const running = `${app.tasksRunning} of ${instances} running${healthy}`;
  return `${id}: ${running}${app.deploying ? ', Marathon is deploying' : ''}`;
}

/** What it was in the end; null when `deadlineMs` (since 1970) came first. Throws MarathonFault. */
export async function untilWarm(
  marathon: MarathonDesk,
  id: string,
  deadlineMs: number,
  tell: (line: string) => void,
  meanwhile: () => Promise<void> = async () => {},
): Promise<AppState | null> {
  let told = '';
  for (;;) {
    const app = await marathon.app(id);
    const line = app === null ? `${id}: not there yet` : progressOf(app);
    if (line !== told) tell(line);
    told = line;
    if (app !== null && isWarm(app)) return app;
    if (Date.now() >= deadlineMs) return null;
    await meanwhile();
    await pause(LOOK_EVERY_MS);
  }
}
