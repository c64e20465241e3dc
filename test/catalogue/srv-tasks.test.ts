import { describe, expect, it } from 'vitest';
import { type DeclaredService, declaredApp } from '../../src/catalogue/declared.ts';
import { compareSources, type SeenDifferences } from '../../src/catalogue/source-differences.ts';
import { isSrvTask, srvNameOfApp, withSrvTasks } from '../../src/catalogue/srv-tasks.ts';
import type { MarathonApp, MarathonTask } from '../../src/marathon/app.ts';
import { hashOf } from '../../src/mesosdns/names.ts';
import type { SrvTarget } from '../../src/mesosdns/srv.ts';
import { app, task } from './apps.ts';

const NAMING = { framework: 'marathon', domain: 'mesos' };

const blue = (tasks: readonly MarathonTask[], more: Partial<MarathonApp> = {}): MarathonApp =>
  app({ id: '/zdd/blue', tasks, ...more });

function targetOf({ id }: { readonly id: string }, port = 31_000): SrvTarget {
  const host = `blue-zdd-${hashOf(id)}-s0.marathon.slave.mesos`;
  return { host, address: '127.0.3.1', port, priority: 0, weight: 1 };
}

describe("an app's tasks while only Mesos-DNS can be asked", () => {
  const one = task('zdd_blue.1');
  const two = task('zdd_blue.2');

  it('are looked up where agents have their addresses, or containers theirs', () => {
    expect(srvNameOfApp(blue([]), NAMING)).toBe('_blue-zdd._tcp.marathon.slave.mesos');
    expect(srvNameOfApp(blue([], { networking: 'container' }), NAMING)).toBe(
      '_blue-zdd._tcp.marathon.mesos',
    );
  });

  it('stay the same object while nothing differs', () => {
    const known = blue([one, two]);
    expect(withSrvTasks(known, [targetOf(one), targetOf(two)])).toBe(known);
  });

  it('lose those that are gone and gain those that are new', () => {
    const { tasks } = withSrvTasks(blue([one, two]), [
      targetOf(two),
      targetOf({ id: 'new' }, 31_009),
    ]);
    expect(tasks.map((each) => [each.id.startsWith('zdd_blue'), each.ports[0]])).toEqual([
      [true, two.ports[0]],
      [false, 31_009],
    ]);
    expect(tasks.map((each) => isSrvTask(each.id))).toEqual([false, true]);
    expect(tasks[1]).toMatchObject({ host: '127.0.3.1', state: 'TASK_RUNNING' });
  });

  it('count as running when Mesos-DNS lists them, as it lists no others', () => {
    const staging = { ...one, state: 'TASK_STAGING', alive: null };
    const { tasks } = withSrvTasks(blue([staging]), [targetOf(staging)]);
    expect(tasks[0]?.state).toBe('TASK_RUNNING');
  });

  it('all stay when there is no target: a wrong name looks the same', () => {
    const known = blue([one]);
    expect(withSrvTasks(known, [])).toBe(known);
  });

  it('gain none where an app has several ports, as records do not say which is which', () => {
    const two = blue([one], { servicePorts: [10_080, 10_081] });
    expect(withSrvTasks(two, [targetOf(one), targetOf({ id: 'new' })])).toBe(two);
  });
});

describe('two sources that differ', () => {
  const one = task('zdd_blue.1');
  const known = [blue([one])];

  function compareAt(ms: number, targets: readonly SrvTarget[], before: SeenDifferences) {
    return compareSources(known, () => ({ name: '_blue-zdd._tcp', targets }), before, ms);
  }

  it('are told of with app, name and what differs, once they had time to agree', () => {
    const targets = [targetOf({ id: 'stranger' })];
    const first = compareAt(0, targets, new Map());
    expect(first.problems).toEqual([]);
    const later = compareAt(150_000, targets, first.seen);
    expect(
      later.problems.map((each) => [each.app, each.where, each.message.split(' them')[0]]),
    ).toEqual([
      ['/zdd/blue', '_blue-zdd._tcp', 'Mesos-DNS does not list'],
      ['/zdd/blue', '_blue-zdd._tcp', 'Marathon does not list'],
    ]);
    expect(later.problems[0]?.value).toBe('zdd_blue.1');
  });

  it('are forgotten when they agree in between', () => {
    const differing = compareAt(0, [], new Map());
    const agreed = compareAt(60_000, [targetOf(one)], differing.seen);
    expect(agreed.seen.size).toBe(0);
    expect(compareAt(160_000, [], agreed.seen).problems).toEqual([]);
  });

  it('are not compared where a name could not be looked up', () => {
    const compared = compareSources(known, () => null, new Map(), 0);
    expect(compared).toEqual({ problems: [], seen: new Map() });
  });
});

describe('a declared service', () => {
  const search: DeclaredService = {
    name: 'elastic/search',
    port: 9_200,
    bindAddress: '*',
    mode: 'http',
    srv: '_search._tcp.elastic.mesos',
    servers: [{ address: '10.0.0.9', port: 9_200 }],
    check: { kind: 'http', path: '/health', intervalSeconds: 10, timeoutSeconds: 5, fall: 3 },
    labels: { VHOST: 's.test', TEAL_0_SEND_PROXY: 'v1' },
  };

  it('is an app with servers from the file and from SRV, and labels as an app writes them', () => {
    const made = declaredApp(search, [targetOf({ id: 'a' }, 9_201)], 'external');
    expect(made).toMatchObject({
      id: '/elastic/search',
      servicePorts: [9_200],
      labels: {
        HAPROXY_GROUP: 'external',
        HAPROXY_0_MODE: 'http',
        HAPROXY_0_VHOST: 's.test',
        TEAL_0_SEND_PROXY: 'v1',
      },
      healthChecks: [{ protocol: 'HTTP', path: '/health', maxConsecutiveFailures: 2 }],
    });
    expect(made.tasks.map((each) => `${each.host}:${each.ports[0]}`)).toEqual([
      '10.0.0.9:9200',
      '127.0.3.1:9201',
    ]);
  });

  it('uses only the targets of the lowest priority', () => {
    const backup = { ...targetOf({ id: 'b' }, 2), priority: 10 };
    const made = declaredApp({ ...search, servers: [] }, [backup, targetOf({ id: 'a' }, 1)], 'x');
    expect(made.tasks.map((each) => each.ports[0])).toEqual([1]);
  });
});
