// The tasks of an app as possible servers behind one of its service ports. Pure.

import { isIP } from 'node:net';
import type { MarathonApp, MarathonTask } from '../marathon/app.ts';
import { changedCheck, type ServerWish } from './check-change.ts';
import { type CheckHistory, checksOf, lastVerdictsOf } from './check-history.ts';
import { type CheckedPort, checkSpecOf, portOf } from './checks.ts';
import type { Candidate } from './claim.ts';
import { numericId, serverName } from './names.ts';
import type { Problem } from './problem.ts';
import { compare } from './sorted.ts';
import { isServing, standingOf, type Word } from './standing.ts';

export interface CandidateRules {
  /** Only tasks that Marathon reports alive are usable (`--health-check`). */
  readonly healthCheck: boolean;
  /** Host name → IP; hosts not in it are not resolved (yet). */
  readonly addresses: ReadonlyMap<string, string>;
  /** Checks and verdicts of earlier looks; absent = none is known. */
  readonly checkHistory?: CheckHistory;
}

/** A service port as its servers see it. */
export interface ServedPort extends CheckedPort {
  readonly servers: ServerWish;
}

interface Reached {
  readonly task: MarathonTask;
  readonly port: number;
}

/** Sorted by (host, port). A task without a port at this index is left out: it cannot be dialled. */
export function makeCandidates(
  app: MarathonApp,
  wish: ServedPort,
  rules: CandidateRules,
): readonly Candidate[] {
  const { portIndex, servers } = wish;
  const taken = new Set<number>();
  return app.tasks
    .map((task): Reached => ({ task, port: portOf(app, task, portIndex) }))
    .filter((one) => one.port > 0)
    .sort(
      (a, b) =>
        compare(a.task.host, b.task.host) || a.port - b.port || compare(a.task.id, b.task.id),
    )
    .map(({ task, port }) => {
      const address = addressOf(app, task, rules);
      const checks = checksOf(app, task, rules.checkHistory);
      const word = wordOn(app, task, rules);
      const standing = standingOf(word);
      const name = serverName(task.host, address, port);
      return {
        taskId: task.id,
        name,
        numericId: numericId(name, taken),
        host: task.host,
        address: address === null ? null : servers.address || address,
        port: servers.port || port,
        standing,
        usable: address !== null && isServing(word, standing, rules.healthCheck),
        ready: task.ready !== false,
        check: changedCheck(checkSpecOf(checks, wish, app, task), servers, port),
      };
    });
}

/** What keeps tasks of an app that run from being served; each host named once. */
export function taskProblems(
  app: MarathonApp,
  portIndexes: readonly number[],
  rules: CandidateRules,
): readonly Problem[] {
  const problems: Problem[] = [];
  const hosts = new Set<string>();
  for (const task of app.tasks) {
    const standing = standingOf(wordOn(app, task, rules));
    if (standing === 'ended' || standing === 'starting') continue;
    for (const portIndex of portIndexes) {
      if (portOf(app, task, portIndex) > 0) continue;
      const message = `expected a port for port index ${portIndex} in Marathon's answer; the task is left out`;
      problems.push({ app: app.id, where: `task ${task.id}`, value: '', message });
    }
    if (addressOf(app, task, rules) !== null) continue;
    if (app.networking === 'container') {
      const message = 'expected an IP address of its container; the task gets no requests';
      const value = task.containerAddress ?? '';
      problems.push({ app: app.id, where: `task ${task.id}`, value, message });
    } else if (!hosts.has(task.host)) {
      hosts.add(task.host);
      const message =
        'expected a host name that resolves to an IP address; its tasks get no requests until it does';
      problems.push({ app: app.id, where: 'task host', value: task.host.slice(0, 200), message });
    }
  }
  return problems;
}

function wordOn(app: MarathonApp, task: MarathonTask, rules: CandidateRules): Word {
  return {
    state: task.state,
    checked: checksOf(app, task, rules.checkHistory).length > 0,
    alive: lastVerdictsOf(app, task, rules.checkHistory),
  };
}

function addressOf(app: MarathonApp, task: MarathonTask, rules: CandidateRules): string | null {
  const host = app.networking === 'container' ? (task.containerAddress ?? '') : task.host;
  if (isIP(host) !== 0) return host;
  return app.networking === 'container' ? null : (rules.addresses.get(host) ?? null);
}
