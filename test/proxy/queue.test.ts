import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SILENT } from '../../src/log/logger.ts';
import { Clock } from '../../src/proxy/clock.ts';
import { Pool } from '../../src/proxy/pool.ts';
import { Queue, type Waiter } from '../../src/proxy/queue.ts';
import { QueuePlace } from '../../src/proxy/queue-place.ts';
import { Runtime } from '../../src/proxy/runtime.ts';
import { DEFAULT_PROXY_SETTINGS } from '../../src/proxy/settings.ts';

interface Place {
  full: boolean;
}

const waiter = (): Waiter => ({ called: () => {} });

describe('the queue of a pool', () => {
  it('has the first come served first, whether they wait for any server or for one', () => {
    const queue = new Queue<Place>();
    const [one, two] = [{ full: false }, { full: false }];
    const waiters = [waiter(), waiter(), waiter(), waiter()] as const;
    queue.join(waiters[0], one);
    queue.join(waiters[1], null);
    queue.join(waiters[2], two);
    queue.join(waiters[3], one);
    expect(queue.next(true)).toBe(waiters[0]);
    queue.leave(waiters[0], one);
    expect(queue.next(true)).toBe(waiters[1]);
    expect(queue.next(false)).toBe(waiters[2]);
    two.full = true;
    expect(queue.next(false)).toBe(waiters[3]);
    expect(queue.size).toBe(3);
    queue.leave(waiters[2], two);
    expect(queue.size).toBe(2);
  });

  it('ignores who has left already', () => {
    const queue = new Queue<Place>();
    const one = waiter();
    queue.join(one, null);
    queue.leave(one, { full: false });
    expect(queue.size).toBe(1);
    queue.leave(one, null);
    queue.leave(one, null);
    expect(queue.size).toBe(0);
    expect(queue.next(true)).toBeNull();
  });

  it('keeps count and order through any joining and leaving', () => {
    const step = fc.record({ joins: fc.boolean(), wanted: fc.nat(3), place: fc.nat(50) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const queue = new Queue<Place>();
        const servers: (Place | null)[] = [{ full: false }, { full: true }, { full: false }, null];
        const waiting: { waiter: Waiter; wanted: Place | null }[] = [];
        for (const { joins, wanted, place } of steps) {
          if (joins) {
            const one = { waiter: waiter(), wanted: servers[wanted] ?? null };
            waiting.push(one);
            queue.join(one.waiter, one.wanted);
          } else {
            const [gone] = waiting.splice(place % (waiting.length || 1), 1);
            if (gone !== undefined) queue.leave(gone.waiter, gone.wanted);
          }
          expect(queue.size).toBe(waiting.length);
          expect(queue.everybody()).toEqual(waiting.map((one) => one.waiter));
          const first = waiting.find(({ wanted: server }) => server?.full !== true);
          expect(queue.next(true)).toBe(first?.waiter ?? null);
        }
      }),
    );
  });
});

describe('a place in the queue', () => {
  function placeIn(emptyPoolWaitMs: number) {
    const pool = new Pool('*:10080', '/a', 'a_10080', {
      emptied: () => {},
      overdue: () => {},
      clock: new Clock(),
    });
    const settings = { ...DEFAULT_PROXY_SETTINGS, emptyPoolWaitMs };
    pool.vacancy.filled();
    pool.vacancy.emptied(0);
    const timer = { deadlineMs: 0, clockIndex: -1, expired: () => {} };
    let calls = 0;
    const user = {
      called: () => {
        calls += 1;
      },
    };
    const place = new QueuePlace(new Runtime(settings, SILENT, 'unused'), timer, user);
    return { pool, place, timer, calls: () => calls };
  }

  it('is counted while it is held, and whoever has left it is not called', () => {
    const { pool, place, timer, calls } = placeIn(5_000);
    expect(place.join(pool, null, false)).toBe(true);
    expect(timer.deadlineMs).toBeGreaterThanOrEqual(5_000);
    expect(pool.backend).toMatchObject({ queued: 1, queuedMax: 1 });
    place.leave();
    place.called();
    expect(calls()).toBe(0);
    place.join(pool, null, false);
    place.called();
    place.called();
    expect(calls()).toBe(1);
    expect(pool.backend).toMatchObject({ queued: 0, queuedMax: 1 });
  });

  it('is not given where nobody may wait', () => {
    const { pool, place } = placeIn(0);
    expect(place.join(pool, null, false)).toBe(false);
    expect(pool.backend.queuedMax).toBe(0);
  });

  it('ends with the patience of its client, if that is shorter', () => {
    const { pool, place, timer } = placeIn(5_000);
    place.join(pool, null, false);
    const ours = timer.deadlineMs;
    place.hurry(1_000);
    expect(timer.deadlineMs).toBeLessThan(ours);
    expect(place.expired()).toBeNull();
    place.hurry(0);
    expect(place.expired()).toBe('CLIENT_ABORTED');
  });
});
