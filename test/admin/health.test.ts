import { describe, expect, it } from 'vitest';
import { answerHealth } from '../../src/admin/health.ts';

describe('the health of the balancer', () => {
  it.each([
    ['/healthz', '', 200, 'ok\n'],
    ['/healthz', 'draining, it is about to end', 200, 'ok\n'],
    ['/readyz', '', 200, 'ready\n'],
    ['/readyz', 'no app list is in force yet', 503, 'not ready: no app list is in force yet\n'],
  ])("%s, not ready because of '%s', is %i", (path, reason, status, body) => {
    expect(answerHealth(path, () => reason)).toMatchObject({ status, body });
  });

  it('leaves other paths alone', () => {
    expect(answerHealth('/readyz/', () => '')).toBeNull();
  });
});
