import { describe, expect, it } from 'vitest';
import { makeCatalogue } from '../../src/catalogue/catalogue.ts';
import { ServicePorts } from '../../src/catalogue/service-ports.ts';
import { app, OPTIONS, task } from './apps.ts';

/** What Marathon-LB's ServicePortAssigner gives, computed with its Python code. */
const VECTORS = [
  {
    title: 'each by its hash',
    range: { min: 10_050, max: 10_100 },
    asked: [
      ['/a', [80, 8080]],
      ['/group/b', [80]],
      ['/zdd/blue', [5_000]],
    ],
    given: [[10_065, 10_077], [10_086], [10_061]],
  },
  {
    title: 'one port of the container has one service port, however often it is listed',
    range: { min: 10_050, max: 10_100 },
    asked: [['/dup', [80, 80]]],
    given: [[10_083, 10_083]],
  },
  {
    title: 'the next hash on a clash; 0 when none is left',
    range: { min: 10_000, max: 10_002 },
    asked: [
      ['/a', [80]],
      ['/b', [80]],
      ['/c', [80]],
      ['/d', [80]],
    ],
    given: [[10_000], [10_001], [10_002], [0]],
  },
  {
    title: 'a range of one',
    range: { min: 10_050, max: 10_050 },
    asked: [['/a', [80, 81]]],
    given: [[10_050, 0]],
  },
] as const;

function ipPerTask(id: string, containerPorts: readonly number[]) {
  return app({ id, networking: 'container', servicePorts: [], containerPorts });
}

describe('service ports for tasks with addresses of their own', () => {
  it.each(VECTORS)('$title', ({ range, asked, given }) => {
    const ports = new ServicePorts(range);
    expect(
      asked.map(([id, containerPorts]) => ports.assign(ipPerTask(id, containerPorts))),
    ).toEqual(given);
  });

  it('after fifty clashes the first free one is taken', () => {
    const ports = new ServicePorts({ min: 10_000, max: 10_019 });
    const given = Array.from(
      { length: 20 },
      (_, n) => ports.assign(ipPerTask(`/app${n}`, [80]))[0],
    );
    expect(given[18]).toBe(10_006);
    expect([...given].sort()).toEqual(Array.from({ length: 20 }, (_, n) => 10_000 + n));
  });
});

describe('the catalogue', () => {
  const autoServicePorts = { min: 10_000, max: 10_002 };
  const labels = { HAPROXY_GROUP: 'external' };
  const tasks = [task('t', { containerAddress: '10.9.0.1' })];
  const bare = (id: string) => ({ ...ipPerTask(id, [80]), labels, tasks });

  it('gives them in the order of app ids, whatever order Marathon lists them in', () => {
    const apps = [bare('/d'), bare('/c'), bare('/b'), bare('/a')];
    const { claims, problems } = makeCatalogue(apps, { ...OPTIONS, autoServicePorts });
    expect(claims.map((one) => [one.appId, one.servicePort])).toEqual([
      ['/a', 10_000],
      ['/b', 10_001],
      ['/c', 10_002],
    ]);
    expect(claims[0]?.candidates).toMatchObject([{ address: '10.9.0.1', port: 80 }]);
    expect(problems.map((one) => one.app)).toEqual(['/d']);
  });

  it('gives none where that is off, where Marathon gave some, and to no other networking', () => {
    expect(makeCatalogue([bare('/a')], OPTIONS).claims).toEqual([]);
    const others = [
      { ...bare('/a'), servicePorts: [12_000] },
      { ...bare('/b'), networking: 'bridge' as const },
      { ...bare('/c'), networking: 'host' as const },
    ];
    const { claims } = makeCatalogue(others, { ...OPTIONS, autoServicePorts });
    expect(claims.map((one) => one.servicePort)).toEqual([12_000]);
  });

  it('counts the ports of apps that are not shown here, so that all balancers agree', () => {
    const hidden = { ...bare('/a'), labels: {} };
    const { claims } = makeCatalogue([bare('/b'), hidden], { ...OPTIONS, autoServicePorts });
    expect(claims.map((one) => one.servicePort)).toEqual([10_001]);
  });
});
