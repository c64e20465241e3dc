import { expect, it } from 'vitest';
import { Backoff } from '../../../src/embedded/marathon/backoff.ts';
import { normalizeApp } from '../../../src/embedded/marathon/normalize.ts';

function app(lastConfigChangeAt = '1') {
  const request = normalizeApp({ id: '/a', cmd: 'x', maxLaunchDelaySeconds: 3, backoffFactor: 2 });
  return { ...request, version: '1', versionInfo: { lastScalingAt: '1', lastConfigChangeAt } };
}

it('lets an app that never failed start at once', () => {
  expect(new Backoff().allowedAtMs(app(), 500)).toBe(500);
});

it('waits longer after every failure, up to the limit', () => {
  const backoff = new Backoff();
  const waits = [0, 1, 2, 3].map(() => {
    backoff.failed(app(), 1000);
    return backoff.allowedAtMs(app(), 1000) - 1000;
  });
  expect(waits).toEqual([1000, 2000, 3000, 3000]);
});

it('makes the next launch wait again after one', () => {
  const backoff = new Backoff();
  backoff.failed(app(), 1000);
  backoff.launched(app(), 2000);
  expect(backoff.allowedAtMs(app(), 2000)).toBe(3000);
});

it('forgets the delay when told to, when the app changes and when nothing failed for long', () => {
  const backoff = new Backoff();
  backoff.failed(app(), 1000);
  expect(backoff.allowedAtMs(app('2'), 1000)).toBe(1000);
  backoff.failed(app(), 1000);
  expect(backoff.allowedAtMs(app(), 4001)).toBe(4001);
  backoff.failed(app(), 1000);
  backoff.reset('/a');
  expect(backoff.allowedAtMs(app(), 1000)).toBe(1000);
});
