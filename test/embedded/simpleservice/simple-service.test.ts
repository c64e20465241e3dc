import { describe, expect, it } from 'vitest';
import {
  answer,
  healthDelayMs,
  readEnvironment,
} from '../../../src/embedded/simpleservice/simple-service.ts';

const ENVIRONMENT = readEnvironment({
  SIMPLE_SERVICE_VERSION: '0.9',
  HEALTH_MIN: '1000',
  HEALTH_MAX: '5000',
});

describe('simpleservice', () => {
  it.each([
    ['/endpoint0', '{"host": "a.b:10080", "version": "0.9", "result": "all is well"}'],
    ['/endpoint0?x=y', '{"host": "a.b:10080", "version": "0.9", "result": "all is well"}'],
    ['/health', '{"healthy": true}'],
    ['/info', '{"version": "0.9", "host": "a.b:10080", "from": "127.0.0.1"}'],
  ])('answers %s', (target, body) => {
    const reply = answer('GET', target, 'a.b:10080', ENVIRONMENT);
    expect([reply.status, reply.body]).toEqual([200, body]);
    expect(reply.headers).toMatchObject({
      Server: 'TornadoServer/4.3',
      'Content-Length': `${body.length}`,
      Etag: expect.stringMatching(/^"[0-9a-f]{40}"$/),
    });
    expect(reply.headers['Content-Type']).toContain('application/json');
  });

  it.each([
    ['GET', '/', 404],
    ['GET', '/endpoint0/', 404],
    ['GET', '/endpoint1', 404],
    ['POST', '/endpoint0', 405],
    ['HEAD', '/endpoint0', 200],
  ])('%s %s is %i', (method, target, status) => {
    expect(answer(method, target, 'h', ENVIRONMENT).status).toBe(status);
  });

  it('delays nothing but its health', () => {
    expect(answer('GET', '/endpoint0', 'h', ENVIRONMENT).delayMs).toBe(0);
    const { delayMs } = answer('GET', '/health', 'h', ENVIRONMENT);
    expect(delayMs).toBeGreaterThanOrEqual(1000);
    expect(delayMs).toBeLessThan(5000);
  });

  it.each([
    [{ HEALTH_MIN: '1000', HEALTH_MAX: '5000' }, 0, 1000],
    [{ HEALTH_MIN: '1000', HEALTH_MAX: '5000' }, 0.9999, 4999],
    [{ HEALTH_MIN: '0', HEALTH_MAX: '1' }, 0.9999, 0],
    [{}, 0.5, 0],
    [{ HEALTH_MIN: '5', HEALTH_MAX: '5' }, 0.5, 0],
    [{ HEALTH_MIN: '9', HEALTH_MAX: '5' }, 0.5, 0],
    [{ HEALTH_MIN: 'x', HEALTH_MAX: '-1' }, 0.5, 0],
  ])('with %j and luck %d the delay is %i ms', (variables, random, expected) => {
    expect(healthDelayMs(readEnvironment(variables), random)).toBe(expected);
  });
});
