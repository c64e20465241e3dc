import { describe, expect, it } from 'vitest';
import { BodyPace } from '../../src/proxy/body-pace.ts';

describe('the pace of a body', () => {
  it('lets nothing come for as long as the grace', () => {
    const pace = new BodyPace(100, 30_000);
    pace.restart(5_000);
    expect(pace.deadlineMs).toBe(35_000);
  });

  it('is kept by a client at exactly the floor rate, for ever', () => {
    const pace = new BodyPace(100, 30_000);
    pace.restart(0);
    for (let nowMs = 1_000; nowMs <= 600_000; nowMs += 1_000) {
      expect(pace.deadlineMs).toBeGreaterThan(nowMs);
      pace.pay(100, nowMs);
    }
  });

  it('is lost by a client below it, however regularly a byte comes', () => {
    const pace = new BodyPace(100, 30_000);
    pace.restart(0);
    let nowMs = 0;
    while (nowMs < pace.deadlineMs) {
      nowMs += 1_000;
      pace.pay(1, nowMs);
    }
    expect(nowMs).toBeLessThan(32_000);
  });

  it('cannot be saved up by a burst for longer than the grace', () => {
    const pace = new BodyPace(100, 30_000);
    pace.restart(0);
    pace.pay(1_000_000_000, 10_000);
    expect(pace.deadlineMs).toBe(40_000);
  });

  it('begins anew when the client was not waited for meanwhile', () => {
    const pace = new BodyPace(100, 30_000);
    pace.restart(0);
    pace.restart(100_000);
    expect(pace.deadlineMs).toBe(130_000);
  });

  it('is no matter where the floor is 0', () => {
    const pace = new BodyPace(0, 30_000);
    pace.restart(0);
    pace.pay(1, 1_000_000);
    expect(pace.deadlineMs).toBe(Number.POSITIVE_INFINITY);
  });
});
