// What Mesos-DNS says of the tasks of Marathon's apps: where they are looked up, which task a target is,
// and an app's tasks while only Mesos-DNS can be asked. Pure.

import type { MarathonApp, MarathonTask } from '../marathon/app.ts';
import { hashOf, srvNameOf } from '../mesosdns/names.ts';
import type { SrvTarget } from '../mesosdns/srv.ts';

export interface DnsNaming {
  /** Marathon's name as a framework: `marathon`. */
  readonly framework: string;
  /** Mesos-DNS' domain: `mesos`. */
  readonly domain: string;
}

/** In the part of the domain that has the agents' addresses, unless tasks have addresses of their own. */
export function srvNameOfApp(app: MarathonApp, { framework, domain }: DnsNaming): string {
  const own = app.networking === 'container';
  return srvNameOf(app.id, framework, own ? domain : `slave.${domain}`);
}

/** Tasks and targets that belong together, and those that do not. */
export interface Matching {
  readonly found: readonly MarathonTask[];
  readonly missing: readonly MarathonTask[];
  readonly unknown: readonly SrvTarget[];
}

export function matchTargets(app: MarathonApp, targets: readonly SrvTarget[]): Matching {
  const byHash = new Map<string, SrvTarget[]>();
  for (const target of targets) {
    const hash = taskHashOf(target.host);
    const same = byHash.get(hash);
    if (same === undefined) byHash.set(hash, [target]);
    else same.push(target);
  }
  const found: MarathonTask[] = [];
  const missing: MarathonTask[] = [];
  const taken = new Set<string>();
  for (const task of app.tasks) {
    const hash = hashOf(task.id);
    if (byHash.has(hash)) {
      found.push(task);
      taken.add(hash);
    } else {
      missing.push(task);
    }
  }
  const unknown = targets.filter((target) => !taken.has(taskHashOf(target.host)));
  return { found, missing, unknown };
}

/** `blue-zdd-4ytpq-s0.marathon.slave.mesos` is of a task whose hash is `4ytpq`. */
function taskHashOf(host: string): string {
  const [label = ''] = host.split('.', 1);
  return label.split('-').at(-2) ?? '';
}

/**
 * The app with the tasks Mesos-DNS has now; the same object if they are those it has. An answer without
 * a target changes nothing: a name that does not exist looks the same. Tasks that Marathon has not told
 * of are taken only where an app has one port, as records do not say which port is which.
 */
export function withSrvTasks(app: MarathonApp, targets: readonly SrvTarget[]): MarathonApp {
  if (targets.length === 0) return app;
  const { found, missing, unknown } = matchTargets(app, targets);
  const added = app.servicePorts.length === 1 ? unknown : [];
  const begun = found.some((task) => NOT_YET.has(task.state));
  if (missing.length === 0 && added.length === 0 && !begun) return app;
  const kept = found.map((task) => (NOT_YET.has(task.state) ? runs(app, task) : task));
  return { ...app, tasks: [...kept, ...added.map((target) => taskOf(app, target))] };
}

/** Mesos-DNS lists running tasks only. */
const NOT_YET: ReadonlySet<string> = new Set(['TASK_STAGING', 'TASK_STARTING']);

function runs(app: MarathonApp, task: MarathonTask): MarathonTask {
  return { ...task, state: 'TASK_RUNNING', alive: verdict(app) };
}

function taskOf(app: MarathonApp, { host, address, port }: SrvTarget): MarathonTask {
  const own = app.networking === 'container';
  return {
    id: `${SRV_TASK}${host}:${port}`,
    host: address,
    containerAddress: own ? address : null,
    ports: own ? [] : [port],
    state: 'TASK_RUNNING',
    alive: verdict(app),
    ready: null,
    version: null,
    startedAtMs: 0,
  };
}

/** Nobody has checked it; it is believed until Teal's own check fails. */
function verdict(app: MarathonApp): readonly boolean[] | null {
  return app.healthChecks.length === 0 ? null : [true];
}

/** What the ids of tasks begin with that only Mesos-DNS has told of. */
const SRV_TASK = 'mesos-dns:';

export function isSrvTask(id: string): boolean {
  return id.startsWith(SRV_TASK);
}
