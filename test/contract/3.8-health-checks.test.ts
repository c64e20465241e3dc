// How a task is probed for each kind of Marathon's checks: contract §3.8, with the deviations 5 and 6
// (a command is not run at the edge, a check of a TLS port speaks TLS).

import { describe, expect, it } from 'vitest';
import { makeCatalogue } from '../../src/catalogue/catalogue.ts';
import { readApps } from '../../src/marathon/read-apps.ts';
import { historyOf, OPTIONS } from '../catalogue/apps.ts';
import { rawApp } from '../scenario/raw-apps.ts';

type Check = Record<string, unknown>;

function claimsOf(
  checks: readonly Check[] | null,
  labels: Record<string, string>,
  more: Check = {},
) {
  const { apps } = readApps({
    apps: [
      rawApp('/a', labels, [{ port: 31_000 }], {
        portDefinitions: [{ port: 10_000 }, { port: 10_001 }],
        healthChecks: checks,
        tasks: [{ id: 't', host: '10.0.0.1', ports: [31_000, 31_001], state: 'TASK_RUNNING' }],
        ...more,
      }),
    ],
  });
  return makeCatalogue(apps, { ...OPTIONS, healthCheck: false }).claims;
}

/** `mode kind path` of the first port. */
function probe(check: Check | null, labels: Record<string, string> = {}): string {
  const [claim] = claimsOf(check === null ? [] : [check], labels);
  const spec = claim?.candidates[0]?.check;
  return `${claim?.mode} ${spec ? `${spec.kind}${spec.path}` : 'none'}`;
}

const VHOST = { HAPROXY_0_VHOST: 'a.test' };
const HTTP = { HAPROXY_0_MODE: 'http' };
const TCP = { HAPROXY_0_MODE: 'tcp' };

describe('the matrix of protocols', () => {
  it.each([
    // protocol, without labels, with VHOST or MODE=http, with MODE=tcp
    ['HTTP', 'http http/health', 'http http/health', 'tcp tcp'],
    ['HTTPS', 'tcp tcp', 'http https/health', 'tcp tcp'],
    ['MESOS_HTTPS', 'tcp tcp', 'http https/health', 'tcp tcp'],
    ['MESOS_HTTP', 'tcp tcp', 'http http/health', 'tcp tcp'],
    ['TCP', 'tcp tcp', 'http tcp', 'tcp tcp'],
    ['MESOS_TCP', 'tcp tcp', 'http tcp', 'tcp tcp'],
    ['COMMAND', 'tcp tcp', 'http tcp', 'tcp tcp'],
  ])('%s', (protocol, bare, http, tcp) => {
    const check =
      protocol === 'COMMAND'
        ? { protocol, portIndex: 0, command: { value: 'true' } }
        : { protocol, portIndex: 0, path: '/health' };
    expect(probe(check)).toBe(bare);
    expect(probe(check, VHOST)).toBe(http);
    expect(probe(check, HTTP)).toBe(http);
    expect(probe(check, TCP)).toBe(tcp);
  });

  it('no check: nothing is probed', () => {
    expect(probe(null, VHOST)).toBe('http none');
    expect(claimsOf(null, VHOST)[0]?.candidates[0]).toMatchObject({
      check: null,
      standing: 'unchecked',
    });
  });
});

describe('the check of a port', () => {
  const portsOf = (checks: readonly Check[], labels: Record<string, string> = {}) =>
    claimsOf(checks, labels).map((claim) => claim.candidates[0]?.check?.port ?? null);

  it('is the first with its index', () => {
    expect(portsOf([{ portIndex: 1 }])).toEqual([null, 31_001]);
    expect(portsOf([{ portIndex: 1 }, { portIndex: 0 }])).toEqual([31_000, 31_001]);
  });

  it('is one with a literal port, whatever the index', () => {
    expect(portsOf([{ port: 7_000 }, { portIndex: 1 }])).toEqual([7_000, 7_000]);
    expect(portsOf([{ portIndex: 0 }, { port: 7_000 }])).toEqual([31_000, 7_000]);
  });

  it('is that of BACKEND_HEALTHCHECK_PORT_INDEX, at that port, if it has none', () => {
    const label = (value: string) => ({ HAPROXY_0_BACKEND_HEALTHCHECK_PORT_INDEX: value });
    expect(portsOf([{ portIndex: 1 }], label('1'))).toEqual([31_001, 31_001]);
    expect(portsOf([{ portIndex: 1 }], label('-1'))).toEqual([31_001, 31_001]);
    expect(portsOf([{ portIndex: 1 }], label('7'))).toEqual([null, 31_001]);
  });
});

describe('the pace of a check', () => {
  it('is that of Marathon: interval, timeout, one failure more than it allows, twice good', () => {
    const check = {
      portIndex: 0,
      intervalSeconds: 5,
      timeoutSeconds: 3,
      maxConsecutiveFailures: 4,
      gracePeriodSeconds: 600,
      delaySeconds: 30,
      ignoreHttp1xx: true,
    };
    expect(claimsOf([check], {})[0]?.candidates[0]?.check).toMatchObject({
      intervalMs: 5_000,
      timeoutMs: 3_000,
      fall: 5,
      rise: 2,
    });
  });
});

describe('a new definition', () => {
  it('is not applied to the tasks of the version before (issue 602)', () => {
    const look = (version: string, path: string, tasks: readonly string[]) =>
      readApps({
        apps: [
          rawApp('/a', {}, [], {
            version,
            healthChecks: [{ portIndex: 0, path }],
            tasks: tasks.map((made, place) => ({
              id: `t-${made}`,
              host: '10.0.0.1',
              ports: [31_000 + place],
              state: 'TASK_RUNNING',
              version: made,
            })),
          }),
        ],
      }).apps;
    const [v1, v2] = ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z'];
    const apps = look(v2, '/new', [v1, v2]);
    const checkHistory = historyOf(look(v1, '/old', [v1]), apps);
    const options = { ...OPTIONS, checkHistory };
    const paths = makeCatalogue(apps, options).claims[0]?.candidates.map((one) => one.check?.path);
    expect(paths).toEqual(['/old', '/new']);
  });
});
