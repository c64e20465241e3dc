import { afterEach, describe, expect, it, vi } from 'vitest';
import { makeLimit } from '../../../src/proxy/policy/limit.ts';
import { Subject } from '../../../src/proxy/policy/subject.ts';
import { fetch } from './policed.ts';

const VISITOR = {
  address: '10.0.0.1',
  door: 'service',
  isEncrypted: false,
  serverName: '',
  isFirst: true,
  addresses: () => null,
} as const;

function request(): Subject {
  const backend = { pool: { name: 'a' }, servers: [] };
  return new Subject(VISITOR, backend, 'GET / HTTP/1.1\r\nHost: a\r\nX-User: bob\r\n\r\n', true);
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a limit of a rate', () => {
  it.each([3_600_000, -3_600_000])(
    'goes on as before, and ends in time, when the time of day jumps by %i ms',
    (jumpMs) => {
      vi.useFakeTimers({ toFake: ['performance', 'Date'] });
      const key = fetch('request-header', 'x-user');
      const exceeds = makeLimit(
        { do: 'limit', counts: 'requests', key, most: 1, periodMs: 1_000, status: 429 },
        1,
      );
      expect([exceeds(request()), exceeds(request())]).toEqual([false, true]);
      vi.setSystemTime(Date.now() + jumpMs);
      expect(exceeds(request())).toBe(true);
      vi.advanceTimersByTime(2_000);
      expect(exceeds(request())).toBe(false);
    },
  );
});
