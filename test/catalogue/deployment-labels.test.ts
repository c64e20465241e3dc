import { describe, expect, it } from 'vitest';
import { readDeployment } from '../../src/catalogue/deployment-labels.ts';
import { app, labelled } from './apps.ts';

const read = (labels: Record<string, string>) =>
  readDeployment(
    app({
      labels: Object.fromEntries(
        Object.entries(labels).map(([name, value]) => [`HAPROXY_DEPLOYMENT_${name}`, value]),
      ),
    }),
  );

describe('the labels of a deployment', () => {
  it('without a group there is none, whatever else is said', () => {
    expect(read({ NEW_INSTANCES: '3', STARTED_AT: 'x' })).toEqual({
      deployment: null,
      problems: [],
    });
  });

  it('as zdd writes them', () => {
    const labels = {
      GROUP: 'nginx',
      ALT_PORT: '10001',
      COLOUR: 'green',
      STARTED_AT: '2016-02-01T14:55:43.142195',
      TARGET_INSTANCES: '6',
      NEW_INSTANCES: '2',
    };
    expect(read(labels)).toEqual({
      problems: [],
      deployment: {
        group: '/nginx',
        startedAtMs: Date.UTC(2016, 1, 1, 14, 55, 43, 142),
        targetInstances: 6,
        newInstances: 2,
      },
    });
  });

  it('a group alone: nothing is known of its sides', () => {
    expect(read({ GROUP: 'a' }).deployment).toEqual({
      group: '/a',
      startedAtMs: Number.NEGATIVE_INFINITY,
      targetInstances: null,
      newInstances: null,
    });
  });

  it.each([
    ['2016-02-01T14:55:43Z', Date.UTC(2016, 1, 1, 14, 55, 43)],
    ['2016-02-01T16:55:43+02:00', Date.UTC(2016, 1, 1, 14, 55, 43)],
    ['2016-02-01 14:55:43', Date.UTC(2016, 1, 1, 14, 55, 43)],
    ['2016-02-01', Date.UTC(2016, 1, 1)],
  ])('reads the time %s', (text, ms) => {
    expect(read({ GROUP: 'a', STARTED_AT: text }).deployment?.startedAtMs).toBe(ms);
  });

  it.each([
    [{ GROUP: '' }, 'GROUP', null],
    [{ GROUP: 'a', STARTED_AT: 'yesterday' }, 'STARTED_AT', { startedAtMs: -Infinity }],
    [{ GROUP: 'a', STARTED_AT: '' }, 'STARTED_AT', { startedAtMs: -Infinity }],
    [{ GROUP: 'a', TARGET_INSTANCES: '-1' }, 'TARGET_INSTANCES', { targetInstances: null }],
    [{ GROUP: 'a', TARGET_INSTANCES: '1e9' }, 'TARGET_INSTANCES', { targetInstances: null }],
    [{ GROUP: 'a', TARGET_INSTANCES: '9999999' }, 'TARGET_INSTANCES', { targetInstances: null }],
    [{ GROUP: 'a', NEW_INSTANCES: 'NaN' }, 'NEW_INSTANCES', { newInstances: null }],
    [{ GROUP: 'a', NEW_INSTANCES: '2' }, 'TARGET_INSTANCES', { newInstances: null }],
    [
      { GROUP: 'a', NEW_INSTANCES: '2', TARGET_INSTANCES: 'six' },
      'TARGET_INSTANCES',
      { newInstances: null, targetInstances: null },
    ],
  ])('%j costs that label only, and is told', (labels, name, expected) => {
    const { deployment, problems } = read(labels as Record<string, string>);
    if (expected === null) expect(deployment).toBeNull();
    else expect(deployment).toMatchObject(expected);
    expect(problems.map((one) => one.where)).toEqual([`HAPROXY_DEPLOYMENT_${name}`]);
  });

  it("give a claim the group's name, as zdd looks for it", () => {
    const { claims } = labelled({ HAPROXY_DEPLOYMENT_GROUP: 'nginx', HAPROXY_0_PORT: '10080' });
    expect(claims).toMatchObject([{ appId: '/zdd/blue', name: 'nginx_10080', handover: null }]);
  });
});
