// From one set of apps to the next: what counts as a change, which versions it gives, which steps a deployment takes.

import type { AppDefinition, AppRequest } from './app-definition.ts';
import { isWithin } from './app-path.ts';
import { sameJson } from './json.ts';
import { requestOf } from './normalize.ts';

export type Apps = ReadonlyMap<string, AppDefinition>;

export type ActionName =
  | 'StartApplication'
  | 'StopApplication'
  | 'ScaleApplication'
  | 'RestartApplication';

export interface Action {
  readonly action: ActionName;
  readonly app: AppDefinition;
  /** Ids of the instances this step must kill, whatever else it would choose. */
  readonly sentenced: readonly string[];
}

export type Step = readonly Action[];

export type Change = 'none' | 'scale' | 'config';

/** Only `instances` is a matter of scale; any other field, labels too, means new tasks. */
export function changeOf(from: AppRequest, to: AppRequest): Change {
  const { instances: before, ...configBefore } = from;
  const { instances: after, ...configAfter } = to;
  if (!sameJson(configBefore, configAfter)) return 'config';
  return before === after ? 'none' : 'scale';
}

/** The definition that `request` becomes at `version`; the current one itself when nothing changes. */
export function versioned(
  current: AppDefinition | undefined,
  request: AppRequest,
  version: string,
): AppDefinition {
  const change = current === undefined ? 'config' : changeOf(requestOf(current), request);
  if (change === 'none' && current !== undefined) return current;
  const lastConfigChangeAt =
    change === 'scale' && current !== undefined ? current.versionInfo.lastConfigChangeAt : version;
  return { ...request, version, versionInfo: { lastScalingAt: version, lastConfigChangeAt } };
}

/** The same app, to be started anew: its scaling is not touched by that. */
export function restarted(current: AppDefinition, version: string): AppDefinition {
  const { lastScalingAt } = current.versionInfo;
  return { ...current, version, versionInfo: { lastScalingAt, lastConfigChangeAt: version } };
}

/** True when tasks of the one definition cannot stand for the other. */
export function needsNewTasks(from: AppDefinition, to: AppDefinition): boolean {
  return from.versionInfo.lastConfigChangeAt !== to.versionInfo.lastConfigChangeAt;
}

function dependenciesOf(app: AppDefinition, apps: Apps): readonly AppDefinition[] {
  const wanted = app.dependencies ?? [];
  return [...apps.values()].filter(
    (other) => other.id !== app.id && wanted.some((path) => isWithin(other.id, path)),
  );
}

/** Length of the longest chain of dependencies below the app; null when the chain bites its tail. */
export function dependencyDepth(
  app: AppDefinition,
  apps: Apps,
  above: readonly string[] = [],
): number | null {
  if (above.includes(app.id)) return null;
  let depth = 0;
  for (const dependency of dependenciesOf(app, apps)) {
    const below = dependencyDepth(dependency, apps, [...above, app.id]);
    if (below === null) return null;
    depth = Math.max(depth, below + 1);
  }
  return depth;
}

export type Sentences = ReadonlyMap<string, readonly string[]>;

/** The steps from `original` to `target`: stop, start, then one step per depth of dependency. Empty ones are left out. */
export function planSteps(
  original: Apps,
  target: Apps,
  sentences: Sentences = new Map(),
): readonly Step[] {
  const action = (name: ActionName, app: AppDefinition): Action => ({
    action: name,
    app,
    sentenced: sentences.get(app.id) ?? [],
  });
  const stop = [...original.values()]
    .filter((app) => !target.has(app.id))
    .map((app) => action('StopApplication', app));
  const start = [...target.values()]
    .filter((app) => !original.has(app.id))
    .map((app) => action('StartApplication', { ...app, instances: 0 }));

  const byDepth = new Map<number, Action[]>();
  for (const app of target.values()) {
    const before = original.get(app.id);
    if (before?.version === app.version && !sentences.has(app.id)) continue;
    const scale = before === undefined || app.instances === 0 || !needsNewTasks(before, app);
    const depth = dependencyDepth(app, target) ?? 0;
    const next = action(scale ? 'ScaleApplication' : 'RestartApplication', app);
    byDepth.set(depth, [...(byDepth.get(depth) ?? []), next]);
  }
  const changes = [...byDepth].sort(([a], [b]) => a - b).map(([, actions]) => actions);
  return [stop, start, ...changes].filter((step) => step.length > 0);
}

/** Ids of the apps a deployment touches, in the order of its steps. */
export function affectedApps(steps: readonly Step[]): readonly string[] {
  return [...new Set(steps.flatMap((step) => step.map((action) => action.app.id)))];
}
