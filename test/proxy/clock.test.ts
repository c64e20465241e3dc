import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Clock, type Timed } from '../../src/proxy/clock.ts';

class Alarm implements Timed {
  deadlineMs = Number.POSITIVE_INFINITY;
  clockIndex = -1;
  rings = 0;
  readonly #whenRung: (alarm: Alarm) => void;

  constructor(whenRung: (alarm: Alarm) => void = () => {}) {
    this.#whenRung = whenRung;
  }

  expired(): void {
    this.rings += 1;
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#whenRung(this);
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'performance', 'Date'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('the clock', () => {
  it('rings after a deadline, never before, and once', () => {
    const clock = new Clock();
    const alarm = new Alarm();
    clock.add(alarm);
    alarm.deadlineMs = clock.in(1_000);
    vi.advanceTimersByTime(1_000);
    expect(alarm.rings).toBe(0);
    vi.advanceTimersByTime(200);
    expect(alarm.rings).toBe(1);
    vi.advanceTimersByTime(5_000);
    expect(alarm.rings).toBe(1);
  });

  it('charges nobody for a stall of the worker', () => {
    const clock = new Clock();
    const alarm = new Alarm();
    clock.add(alarm);
    alarm.deadlineMs = clock.in(1_000);
    const now = performance.now();
    const spy = vi.spyOn(performance, 'now').mockReturnValue(now + 3_600_000);
    vi.advanceTimersByTime(100);
    spy.mockRestore();
    expect(alarm.rings).toBe(0);
    expect(clock.nowMs).toBeLessThan(1_000);
  });

  it.each([3_600_000, -3_600_000])(
    'keeps its time when the time of day jumps by %i ms',
    (jumpMs) => {
      const clock = new Clock();
      const alarm = new Alarm();
      clock.add(alarm);
      alarm.deadlineMs = clock.in(1_000);
      const atMs = Date.now() + jumpMs;
      vi.setSystemTime(atMs);
      vi.advanceTimersByTime(1_000);
      expect(alarm.rings).toBe(0);
      expect(clock.wallMs).toBe(atMs + 1_000);
      vi.advanceTimersByTime(200);
      expect(alarm.rings).toBe(1);
    },
  );

  it('tells the longest stall of the last ten seconds, and forgets it after twenty', () => {
    const clock = new Clock();
    vi.advanceTimersByTime(1_000);
    expect(clock.loopDelayMs).toBe(0);
    const now = performance.now();
    const spy = vi.spyOn(performance, 'now').mockReturnValue(now + 350);
    vi.advanceTimersByTime(100);
    spy.mockRestore();
    expect(clock.loopDelayMs).toBe(250);
    vi.advanceTimersByTime(10_000);
    expect(clock.loopDelayMs).toBe(250);
    vi.advanceTimersByTime(20_000);
    expect(clock.loopDelayMs).toBe(0);
  });

  it('takes removals at any time, of any of them, by any of them', () => {
    const clock = new Clock();
    const alarms: Alarm[] = [];
    const removeSome = (alarm: Alarm): void => {
      const place = alarms.indexOf(alarm);
      clock.remove(alarm);
      clock.remove(alarm);
      // Each takes its neighbour with it, on either side of where the clock looks.
      const neighbour = alarms[place % 2 === 0 ? place + 1 : place - 1];
      if (neighbour !== undefined) clock.remove(neighbour);
    };
    for (let i = 0; i < 100; i += 1) {
      const alarm = new Alarm(removeSome);
      alarms.push(alarm);
      clock.add(alarm);
      alarm.deadlineMs = clock.in(100);
    }
    vi.advanceTimersByTime(1_000);
    const rings = alarms.map(({ rings }) => rings);
    expect(rings.reduce((a, b) => a + b)).toBe(50);
    for (let i = 0; i < 100; i += 2) expect((rings[i] ?? 0) + (rings[i + 1] ?? 0)).toBe(1);
    expect(alarms.every(({ clockIndex }) => clockIndex === -1)).toBe(true);
  });
});
