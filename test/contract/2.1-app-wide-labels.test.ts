// Labels of an app as a whole, a row for each of contract §2.1.

import { describe, expect, it } from 'vitest';
import { rawApp } from '../scenario/raw-apps.ts';
import { planOf, planWith } from './plan-of.ts';

const keys = (labels: Record<string, string>, options = {}): string[] =>
  planWith(labels, options).services.map((service) => service.key);
const BOTH = ['*:10000', '*:10001'];

describe('HAPROXY_GROUP', () => {
  it.each([
    ['external', ['external'], BOTH],
    ['a,external,b', ['external'], BOTH],
    ['a, external', ['external'], []],
    ['external', ['External'], []],
    ['internal', ['external'], []],
    ['internal', ['external', 'internal'], BOTH],
    ['anything', ['*'], BOTH],
    ['*', ['external'], []],
  ])('%j is shown by a balancer of %j on %j', (group, groups, expected) => {
    expect(keys({ HAPROXY_GROUP: group }, { groups })).toEqual(expected);
  });

  it('absent: the app is shown by balancers of * only', () => {
    const app = rawApp('/shop/web', {}, [{ port: 31_000 }], { labels: {} });
    expect(planOf([app]).services).toEqual([]);
    expect(planOf([app], { groups: ['*'] }).services).toHaveLength(1);
  });

  it('null or missing labels are no labels', () => {
    for (const labels of [null, undefined]) {
      const app = rawApp('/shop/web', {}, [{ port: 31_000 }], { labels });
      const { services, problems } = planOf([app], { groups: ['*'] });
      expect(services).toHaveLength(1);
      expect(problems).toEqual([]);
    }
  });

  it('a null label is none, and the others of the app are read', () => {
    const labels = { HAPROXY_GROUP: 'external', HAPROXY_0_VHOST: null, HAPROXY_0_PORT: '10080' };
    const app = rawApp('/shop/web', {}, [{ port: 31_000 }], { labels });
    expect(planOf([app]).services).toMatchObject([{ key: '*:10080', routes: [] }]);
  });
});

describe('HAPROXY_DEPLOYMENT_GROUP', () => {
  it('gives the pool the name of the group', () => {
    const { services } = planWith({ HAPROXY_DEPLOYMENT_GROUP: 'shop' });
    expect(services[0]?.colours[0]?.name).toBe('shop_10000');
  });

  it('empty is told, and the app served by itself', () => {
    const { services, problems } = planWith({ HAPROXY_DEPLOYMENT_GROUP: '' });
    expect(services[0]?.colours[0]?.name).toBe('shop_web_10000');
    expect(problems).toMatchObject([{ where: 'HAPROXY_DEPLOYMENT_GROUP' }]);
  });
});

describe.each([
  ['HAPROXY_DEPLOYMENT_ALT_PORT', '10050'],
  ['HAPROXY_DEPLOYMENT_COLOUR', 'blue'],
  ['HAPROXY_DEPLOYMENT_STARTED_AT', '2026-01-31T12:00:00.123456'],
  ['HAPROXY_APP_ID', '/shop'],
])('%s', (label, value) => {
  it('is for zdd, and changes nothing by itself', () => {
    expect(planWith({ [label]: value })).toEqual(planWith({}));
  });
});

describe('one bad label', () => {
  it.each([
    ['HAPROXY_0_PORT', 'x'],
    ['HAPROXY_0_BACKEND_WEIGHT', 'x'],
    ['HAPROXY_0_AUTH', 'x'],
    ['HAPROXY_DEPLOYMENT_GROUP', ''],
    ['HAPROXY_DEPLOYMENT_TARGET_INSTANCES', 'x'],
    ['HAPROXY_0_BACKEND_HEALTHCHECK_PORT_INDEX', 'x'],
    ['HAPROXY_0_BACKEND_HEAD', '\u0000{{{'],
  ])('%s=%j costs neither its app nor any other', (label, value) => {
    const other = rawApp('/other', { HAPROXY_0_PORT: '10100' }, [{ port: 31_005 }]);
    const bad = rawApp('/shop/web', { HAPROXY_DEPLOYMENT_GROUP: 'g', [label]: value }, [
      { port: 31_000 },
    ]);
    const { services, problems } = planOf([bad, other]);
    expect(services.map(({ key, colours }) => [key, colours[0]?.servers.length])).toEqual([
      ['*:10000', 1],
      ['*:10100', 1],
    ]);
    expect(problems.map(({ app, where }) => [app, where])).toContainEqual(['/shop/web', label]);
  });
});
