// Names and ids that dashboards and scripts know servers and services by: contract §2.3.

import { describe, expect, it } from 'vitest';
import { cookieOf } from '../../src/proxy/sticky.ts';
import { rawApp } from '../scenario/raw-apps.ts';
import { planOf } from './plan-of.ts';

/** An app with one running task on this host. */
function appAt(id: string, host: string, port: number, labels: Record<string, string> = {}) {
  const [task] = rawApp(id, labels, [{ port }])['tasks'] as object[];
  return rawApp(id, labels, [], { instances: 1, tasks: [{ ...task, host }] });
}

function serverOf(host: string, port: number, addresses: [string, string][] = []) {
  const { services } = planOf([appAt('/a', host, port)], { addresses: new Map(addresses) });
  return services[0]?.colours[0]?.servers[0];
}

describe('the name of a backend', () => {
  it.each([
    ['/zdd/blue', {}, 'zdd_blue_10000'],
    ['/a/b/c.d-e', {}, 'a_b_c.d-e_10000'],
    ['/zdd/blue', { HAPROXY_0_PORT: '10080' }, 'zdd_blue_10080'],
    ['/nginx-blue', { HAPROXY_DEPLOYMENT_GROUP: 'nginx' }, 'nginx_10000'],
    ['/nginx-blue', { HAPROXY_DEPLOYMENT_GROUP: 'web/nginx' }, 'web_nginx_10000'],
  ])('of %s with %j is %s', (id, labels, name) => {
    const { services } = planOf([rawApp(id, labels as Record<string, string>, [{ port: 1 }])]);
    expect(services[0]?.colours[0]?.name).toBe(name);
  });
});

describe('the name of a server', () => {
  it.each<[string, number, [string, string][], string]>([
    ['10.0.6.25', 23_336, [], '10_0_6_25_23336'],
    ['node-1.dc.test', 31_000, [['node-1.dc.test', '10.0.6.25']], 'node-1_dc_test_10_0_6_25_31000'],
    ['2001:db8::1', 31_000, [], '2001_db8__1_31000'],
  ])('on %s:%i is %s', (host, port, addresses, name) => {
    expect(serverOf(host, port, addresses)?.name).toBe(name);
  });
});

describe('the id of a server and its cookie', () => {
  it('are hashes of its name', () => {
    expect(serverOf('10.0.6.25', 23_336)?.numericId).toBe(14_676);
    expect(cookieOf('10_0_6_25_23336')).toBe('60b0c37648');
  });
});

describe('the order of servers', () => {
  it('is by host as text, then by port as number', () => {
    const tasks = [
      ['10.0.0.9', 31_000],
      ['10.0.0.10', 4_000],
      ['10.0.0.10', 31_000],
    ].map(([host, port], place) => ({
      id: `t${place}`,
      host,
      ports: [port],
      state: 'TASK_RUNNING',
    }));
    const app = rawApp('/a', {}, [], { tasks, healthChecks: [] });
    expect(planOf([app]).services[0]?.colours[0]?.servers.map((one) => one.name)).toEqual([
      '10_0_0_10_4000',
      '10_0_0_10_31000',
      '10_0_0_9_31000',
    ]);
  });
});
