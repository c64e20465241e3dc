import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Backoff } from '../../src/marathon/backoff.ts';
import { Outage } from '../../src/marathon/outage.ts';
import { Pacer } from '../../src/marathon/pacer.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('how requests become runs', () => {
  const runsAt: number[] = [];
  let pacer: Pacer;
  beforeEach(() => {
    runsAt.length = 0;
    const startTick = performance.now();
    pacer = new Pacer(async () => {
      runsAt.push(Math.round(performance.now() - startTick));
    });
  });
  afterEach(() => pacer.stop());

  it('a lone request is served at once, with all that came in the same turn', async () => {
    pacer.request();
    pacer.request();
    expect(runsAt).toEqual([]);
    await vi.advanceTimersByTimeAsync(0);
    expect(runsAt).toEqual([0]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(runsAt).toHaveLength(1);
  });

  it('siblings of the first are served together, after it', async () => {
    for (let ms = 0; ms < 5; ms += 1) {
      pacer.request();
      await vi.advanceTimersByTimeAsync(1);
    }
    await vi.advanceTimersByTimeAsync(1_000);
    expect(runsAt).toEqual([0, 11]);
  });

  it('one in each 100 ms waits for its siblings: that is no quiet time', async () => {
    for (let n = 0; n < 20; n += 1) {
      for (let sibling = 0; sibling < 3; sibling += 1) {
        pacer.request();
        await vi.advanceTimersByTimeAsync(2);
      }
      await vi.advanceTimersByTimeAsync(94);
    }
    // The siblings of the very first, besides.
    expect(runsAt).toHaveLength(21);
  });

  it('a few requests one after the other are served as fast as they come', async () => {
    for (let n = 0; n < 3; n += 1) {
      pacer.request();
      await vi.advanceTimersByTimeAsync(20);
    }
    expect(runsAt).toHaveLength(3);
  });

  it('a constant stream of requests is served ten times a second', async () => {
    for (let ms = 0; ms < 10_000; ms += 1) {
      pacer.request();
      await vi.advanceTimersByTimeAsync(1);
    }
    expect(runsAt.length).toBeGreaterThanOrEqual(100);
    expect(runsAt.length).toBeLessThanOrEqual(104);
  });

  it('a sooner request overrules a later one, a later one nothing', async () => {
    pacer.request(60_000);
    pacer.request(50);
    pacer.request(5_000);
    await vi.advanceTimersByTimeAsync(51);
    expect(runsAt).toEqual([50]);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(runsAt).toHaveLength(1);
  });

  it('nothing runs after stop', async () => {
    pacer.request();
    await pacer.stop();
    pacer.request();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(runsAt).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('runs never overlap, and stop waits for the one that runs', async () => {
    let running = 0;
    let most = 0;
    const slow = new Pacer(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      running -= 1;
    });
    for (let n = 0; n < 50; n += 1) {
      slow.request();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(most).toBe(1);
    const stopped = slow.stop();
    await vi.advanceTimersByTimeAsync(1_000);
    await stopped;
    expect(running).toBe(0);
  });
});

describe('waiting after failures', () => {
  it('doubles to the longest wait, is drawn below it, and begins anew', () => {
    const longest = new Backoff(100, 1_000, () => 1);
    expect([1, 2, 3, 4, 5, 6].map(() => longest.next())).toEqual([
      100, 200, 400, 800, 1_000, 1_000,
    ]);
    longest.reset();
    expect(longest.next()).toBe(100);
    const least = new Backoff(100, 1_000, () => 0);
    expect([least.next(), least.next()]).toEqual([0, 0]);
  });

  it('never overflows', () => {
    const backoff = new Backoff(100, 1_000, () => 0.5);
    for (let n = 0; n < 5_000; n += 1) expect(backoff.next()).toBeLessThanOrEqual(500);
  });
});

describe('what is said of an outage', () => {
  it('its begin, a reminder each minute, its end', async () => {
    const lines: string[] = [];
    const say = (_fields: object, message: string) => lines.push(message);
    const outage = new Outage({ debug: say, info: say, warn: say, error: say }, 'reading');
    outage.recover();
    for (let second = 0; second < 90; second += 1) {
      outage.fail(`fault ${second}`, 'the old stays');
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(outage.error).toBe('fault 89');
    outage.recover();
    outage.recover();
    expect(outage.error).toBe('');
    expect(lines).toEqual([
      'reading fails: fault 0; the old stays',
      'reading fails: fault 60; the old stays',
      'reading works again',
    ]);
  });
});
