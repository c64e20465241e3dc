import { describe, expect, it } from 'vitest';
import { makeCatalogue } from '../../src/catalogue/catalogue.ts';
import { checkKey } from '../../src/catalogue/checks.ts';
import type { CheckSpec } from '../../src/catalogue/claim.ts';
import type { MarathonApp, MarathonHealthCheck } from '../../src/marathon/app.ts';
import { app, HTTP_CHECK, historyOf, labelled, OPTIONS, task } from './apps.ts';

/** The check of the first task on each service port. */
function specs(
  checks: readonly Partial<MarathonHealthCheck>[],
  labels: Record<string, string> = {},
  changes: Partial<MarathonApp> = {},
): (CheckSpec | null | undefined)[] {
  const { claims } = labelled(labels, {
    servicePorts: [10_000, 10_001],
    tasks: [task('zdd_blue.1', { ports: [23_336, 23_337] })],
    healthChecks: checks.map((check) => ({ ...HTTP_CHECK, ...check })),
    ...changes,
  });
  return claims.map((claim) => claim.candidates[0]?.check);
}

function brief(spec: CheckSpec | null | undefined): string {
  return spec ? `${spec.kind} ${spec.port}${spec.path}` : 'none';
}

describe('the check of a service port', () => {
  const HTTP = { HAPROXY_0_MODE: 'http' };
  const TCP = { HAPROXY_0_MODE: 'tcp' };
  it.each([
    ['HTTP', {}, 'http 23336/health'],
    ['HTTP', HTTP, 'http 23336/health'],
    ['HTTP', TCP, 'tcp 23336'],
    ['MESOS_HTTP', {}, 'tcp 23336'],
    ['MESOS_HTTP', HTTP, 'http 23336/health'],
    ['HTTPS', {}, 'tcp 23336'],
    ['HTTPS', HTTP, 'https 23336/health'],
    ['MESOS_HTTPS', HTTP, 'https 23336/health'],
    ['MESOS_HTTPS', TCP, 'tcp 23336'],
    ['TCP', HTTP, 'tcp 23336'],
    ['MESOS_TCP', {}, 'tcp 23336'],
    ['COMMAND', HTTP, 'tcp 23336'],
    ['COMMAND', {}, 'tcp 23336'],
    ['CARRIER_PIGEON', HTTP, 'tcp 23336'],
  ])('%s with %j is run as %s', (protocol, labels, expected) => {
    expect(brief(specs([{ protocol }], labels)[0])).toBe(expected);
  });

  it('is the one with its index; a port without one is not probed', () => {
    expect(specs([{ portIndex: 1, path: '/one' }]).map(brief)).toEqual(['none', 'http 23337/one']);
    expect(specs([]).map(brief)).toEqual(['none', 'none']);
    expect(specs([{ protocol: 'COMMAND', portIndex: null }]).map(brief)).toEqual(['none', 'none']);
  });

  it('with a literal port stands for every service port, and asks that port', () => {
    expect(specs([{ portIndex: null, port: 8_080 }]).map(brief)).toEqual([
      'http 8080/health',
      'http 8080/health',
    ]);
  });

  it.each([
    ['MESOS_HTTP', 80, 'http 23336/health'],
    ['MESOS_HTTP', 81, 'http 23337/health'],
    ['MESOS_HTTP', 82, 'tcp 23336'],
    ['HTTP', 82, 'http 82/health'],
  ])('%s on literal port %i of a bridged container is %s', (protocol, port, expected) => {
    const bridge = { networking: 'bridge', containerPorts: [80, 81] } as const;
    expect(brief(specs([{ protocol, portIndex: null, port }], HTTP, bridge)[0])).toBe(expected);
  });

  it('on a container network asks the port of the container', () => {
    const container = {
      networking: 'container',
      containerPorts: [80, 81],
      tasks: [task('t', { containerAddress: '9.0.0.1', ports: [] })],
    } as const;
    expect(specs([{}], HTTP, container).map(brief)).toEqual(['http 80/health', 'none']);
  });

  it.each([
    ['1', 'http 23337/other'],
    ['-1', 'http 23337/other'],
    ['0', 'none'],
  ])('with BACKEND_HEALTHCHECK_PORT_INDEX %s is %s', (index, expected) => {
    const label = { HAPROXY_0_BACKEND_HEALTHCHECK_PORT_INDEX: index };
    expect(brief(specs([{ portIndex: 1, path: '/other' }], label)[0])).toBe(expected);
  });

  it('of its own is run on the port of BACKEND_HEALTHCHECK_PORT_INDEX', () => {
    const label = { HAPROXY_0_BACKEND_HEALTHCHECK_PORT_INDEX: '1' };
    expect(brief(specs([{}], label)[0])).toBe('http 23337/health');
  });

  it.each([
    [{}, { intervalMs: 60_000, timeoutMs: 20_000, rise: 2, fall: 4 }],
    [{ maxConsecutiveFailures: 0 }, { fall: 1 }],
    [
      { intervalSeconds: 0, timeoutSeconds: 0 },
      { intervalMs: 1_000, timeoutMs: 1_000 },
    ],
    [
      { intervalSeconds: 5, timeoutSeconds: 0 },
      { intervalMs: 5_000, timeoutMs: 5_000 },
    ],
    [{ intervalSeconds: 1e300, timeoutSeconds: 1e300 }, { intervalMs: 86_400_000 }],
    [{ path: 'health' }, { path: '/health' }],
    [{ path: '' }, { path: '/' }],
    [{ path: '/a b\r\nHost: x\u00e9#top' }, { path: '/a%20b%0D%0AHost:%20x%C3%A9' }],
    [{ path: '/\ud800' }, { path: '/%EF%BF%BD' }],
    [{ path: '/q?a=1&b=%20' }, { path: '/q?a=1&b=%20' }],
  ])('from %j has %j', (check, expected) => {
    expect(specs([check], HTTP)[0]).toMatchObject(expected);
  });
});

describe('the checks of an earlier version', () => {
  const before = app({ version: 'v1', tasks: [task('old', { version: 'v1' })] });
  const after = app({
    version: 'v2',
    healthChecks: [{ ...HTTP_CHECK, path: '/new' }],
    tasks: [task('new', { version: 'v2' }), task('old', { version: 'v1' })],
  });
  const pathsOf = (...looks: MarathonApp[]) =>
    makeCatalogue([after], {
      ...OPTIONS,
      checkHistory: historyOf(...looks.map((one) => [one])),
    }).claims[0]?.candidates.map((one) => `${one.taskId} ${one.check?.path}`);

  it('stay with its tasks', () => {
    expect(pathsOf(before, after)).toEqual(['new /new', 'old /health']);
  });

  it('are those of the app where the version was never seen', () => {
    expect(pathsOf(after)).toEqual(['new /new', 'old /new']);
  });

  it('are forgotten with its last task', () => {
    const alone = { ...after, tasks: [task('new', { version: 'v2' })] };
    expect(pathsOf(before, alone, after)).toEqual(['new /new', 'old /new']);
    expect(historyOf([before], []).size).toBe(0);
  });

  it('spare a task made without a check when the new version brings one', () => {
    const bare = app({
      version: 'v1',
      healthChecks: [],
      tasks: [task('old', { version: 'v1', alive: null })],
    });
    const checked = { ...after, tasks: bare.tasks };
    const checkHistory = historyOf([bare], [checked]);
    expect(
      makeCatalogue([checked], { ...OPTIONS, checkHistory }).claims[0]?.candidates[0],
    ).toMatchObject({ standing: 'unchecked', usable: true, check: null });
  });
});

describe('a verdict', () => {
  it('is filed by pool, task and address', () => {
    const one = { taskId: 't', address: '10.0.0.1', port: 80 };
    expect(checkKey('zdd_blue_10080', one)).toBe('zdd_blue_10080/t 10.0.0.1:80');
  });
});

describe('the verdicts of an earlier look', () => {
  const look = (alive: readonly boolean[] | null, state = 'TASK_RUNNING') =>
    app({ tasks: [task('t', { alive, state })] });
  const usableAfter = (...looks: MarathonApp[]): boolean | undefined => {
    const checkHistory = historyOf(...looks.map((one) => [one]));
    const last = looks.at(-1) as MarathonApp;
    return makeCatalogue([last], { ...OPTIONS, checkHistory }).claims[0]?.candidates[0]?.usable;
  };

  it('count as long as Marathon sends none: a new leader has none', () => {
    expect(usableAfter(look([true]), look(null))).toBe(true);
    expect(usableAfter(look([true]), look(null), look(null))).toBe(true);
    expect(usableAfter(look([true]), look([false]), look(null))).toBe(false);
  });

  it('do not count against what Marathon sends, and not for a task that never had any', () => {
    expect(usableAfter(look([true]), look([false]))).toBe(false);
    expect(usableAfter(look([true]), look([]))).toBe(false);
    expect(usableAfter(look(null), look(null))).toBe(false);
  });

  it('do not make a task serve that is being killed', () => {
    expect(usableAfter(look([true]), look(null, 'TASK_KILLING'))).toBe(false);
  });

  it('are forgotten with the task', () => {
    expect(usableAfter(look([true]), app({ tasks: [] }), look(null))).toBe(false);
  });
});
