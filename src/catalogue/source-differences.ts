// Where Marathon and Mesos-DNS say different things for longer than they need to agree: told as a
// problem of the app. Pure; what was seen before goes in and comes out again.

import type { MarathonApp } from '../marathon/app.ts';
import type { SrvTarget } from '../mesosdns/srv.ts';
import type { Problem } from './problem.ts';
import { matchTargets } from './srv-tasks.ts';

/** Mesos-DNS reloads each 60 s, and what it says is believed for 60 s more. */
const PATIENCE_MS = 150_000;
const MAX_NAMED = 3;

/** When each difference was seen first, ms; by app and what differs. */
export type SeenDifferences = ReadonlyMap<string, number>;

export interface Compared {
  readonly problems: readonly Problem[];
  readonly seen: SeenDifferences;
}

/** `targetsOf` gives null for an app whose name could not be looked up. */
export function compareSources(
  apps: readonly MarathonApp[],
  targetsOf: (
    app: MarathonApp,
  ) => { readonly name: string; readonly targets: readonly SrvTarget[] } | null,
  before: SeenDifferences,
  nowMs: number,
): Compared {
  const problems: Problem[] = [];
  const seen = new Map<string, number>();
  for (const app of apps) {
    const answer = targetsOf(app);
    if (answer === null) continue;
    const { missing, unknown } = matchTargets(app, answer.targets);
    const running = missing.filter((task) => task.state === 'TASK_RUNNING');
    const differences = [
      ...running.map((task) => ({ what: task.id, by: 'Mesos-DNS does not list' })),
      ...unknown.map(({ host, port }) => ({
        what: `${host}:${port}`,
        by: 'Marathon does not list',
      })),
    ];
    const lasting = differences.filter(({ what, by }) => {
      const key = `${app.id} ${by} ${what}`;
      const sinceMs = before.get(key) ?? nowMs;
      seen.set(key, sinceMs);
      return nowMs - sinceMs >= PATIENCE_MS;
    });
    for (const by of new Set(lasting.map((one) => one.by))) {
      const what = lasting.filter((one) => one.by === by).map((one) => one.what);
      const more = what.length > MAX_NAMED ? ` and ${what.length - MAX_NAMED} more` : '';
      problems.push({
        app: app.id,
        where: answer.name,
        value: `${what.slice(0, MAX_NAMED).join(', ')}${more}`.slice(0, 200),
        message: `${by} them; expected both sources to agree, Marathon's word is served`,
      });
    }
  }
  return { problems, seen };
}
