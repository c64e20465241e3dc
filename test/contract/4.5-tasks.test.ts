// Which tasks are servers: contract §4.5, state by state and verdict by verdict.

import { describe, expect, it } from 'vitest';
import { makeCatalogue } from '../../src/catalogue/catalogue.ts';
import { CheckMemory } from '../../src/catalogue/check-history.ts';
import { readApps } from '../../src/marathon/read-apps.ts';
import { OPTIONS } from '../catalogue/apps.ts';
import { rawApp } from '../scenario/raw-apps.ts';
import { planOf } from './plan-of.ts';

const RUNNING = { id: 't', host: '10.0.0.1', ports: [31_000], state: 'TASK_RUNNING' };
const CHECKS = [{ protocol: 'HTTP', portIndex: 0 }];

function appWith(task: Record<string, unknown>, healthChecks: unknown = CHECKS) {
  return rawApp('/a', {}, [], { healthChecks, tasks: [{ ...RUNNING, ...task }] });
}

function isServer(app: object, healthCheck = true): boolean {
  return (planOf([app], { healthCheck }).services[0]?.colours[0]?.servers.length ?? 0) > 0;
}

describe('the state of a task', () => {
  it.each([
    ['TASK_RUNNING', true],
    ['TASK_LOST', true],
    ['TASK_UNREACHABLE', true],
    ['TASK_STAGING', false],
    ['TASK_STARTING', false],
    ['TASK_FINISHED', false],
    ['TASK_FAILED', false],
    ['TASK_KILLED', false],
    ['TASK_ERROR', false],
    ['TASK_DROPPED', false],
    ['TASK_GONE', false],
    ['TASK_GONE_BY_OPERATOR', false],
    ['TASK_UNKNOWN', false],
  ])('%s: a server, %j', (state, expected) => {
    expect(isServer(appWith({ state }, []))).toBe(expected);
    expect(isServer(appWith({ state }, []), false)).toBe(expected);
    expect(isServer(appWith({ state, healthCheckResults: [{ alive: true }] }))).toBe(expected);
  });

  it('TASK_KILLING is none while there is another, and answers last', () => {
    const killing = { ...RUNNING, id: 'k', ports: [31_001], state: 'TASK_KILLING' };
    const app = rawApp('/a', {}, [], { healthChecks: [], tasks: [RUNNING, killing] });
    expect(planOf([app]).services[0]?.colours[0]?.servers.map((one) => one.id)).toEqual(['t']);
    expect(isServer(appWith({ state: 'TASK_KILLING' }, []))).toBe(true);
  });

  it('left out by an old Marathon: told by whether the task has started', () => {
    const startedAt = '2026-01-01T00:00:00.000Z';
    expect(isServer(appWith({ state: undefined, startedAt }, []))).toBe(true);
    expect(isServer(appWith({ state: undefined }, []))).toBe(false);
  });
});

describe('the verdicts of Marathon', () => {
  it.each([
    [[{ alive: true }], true],
    [[{ alive: false }], false],
    [[{ alive: false }, { alive: true }], true],
    [[], false],
    [null, false],
    [undefined, false],
  ])('%j: a server, %j, with --health-check; without it always', (healthCheckResults, expected) => {
    const app = appWith({ healthCheckResults });
    expect(isServer(app)).toBe(expected);
    expect(isServer(app, false)).toBe(true);
  });

  it.each([[[]], [null], [undefined]])('checks %j: a server at once', (healthChecks) => {
    expect(isServer({ ...appWith({}), healthChecks })).toBe(true);
  });

  it('where they are left out, the last ones count', () => {
    const looks = [[{ alive: true }], undefined, undefined].map(
      (healthCheckResults) => readApps({ apps: [appWith({ healthCheckResults })] }).apps,
    );
    const memory = new CheckMemory();
    for (const apps of looks) {
      memory.take(apps);
      const { claims } = makeCatalogue(apps, { ...OPTIONS, checkHistory: memory.history });
      expect(claims[0]?.candidates[0]?.usable).toBe(true);
    }
  });

  it('readiness checks keep nobody out', () => {
    const app = {
      ...appWith({}, []),
      readinessChecks: [{ name: 'r', portName: 'default' }],
      readinessCheckResults: [{ name: 'r', taskId: 't', ready: false }],
    };
    expect(isServer(app)).toBe(true);
    // But a colour that is not ready is not cut over to.
    expect(planOf([app]).services[0]?.colours[0]?.ready).toBe(false);
  });
});
