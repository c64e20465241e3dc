import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Backoff } from '../../src/marathon/backoff.ts';
import { HostAddresses } from '../../src/marathon/host-addresses.ts';
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

  it('a lone request is served within 20 ms', async () => {
    pacer.request();
    await vi.advanceTimersByTimeAsync(20);
    expect(runsAt).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(runsAt).toHaveLength(1);
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

describe('addresses of task hosts', () => {
  it('literals of both families are answered at once, without a lookup', () => {
    const hosts = new HostAddresses(
      () => {},
      async () => {
        throw new Error('asked');
      },
    );
    expect(hosts.resolve(new Set(['10.0.0.1', '::1']))).toEqual(
      new Map([
        ['10.0.0.1', '10.0.0.1'],
        ['::1', '::1'],
      ]),
    );
  });

  it('a name is waited for once, then known for a minute, then refreshed without waiting', async () => {
    const asked: string[] = [];
    let address = '10.0.0.1';
    let changes = 0;
    const hosts = new HostAddresses(
      () => {
        changes += 1;
      },
      async (host) => {
        asked.push(host);
        return address;
      },
    );
    const names = new Set(['a.test']);
    expect(await hosts.resolve(names)).toEqual(new Map([['a.test', '10.0.0.1']]));
    await vi.advanceTimersByTimeAsync(59_000);
    expect(hosts.resolve(names)).toEqual(new Map([['a.test', '10.0.0.1']]));
    expect([asked.length, changes]).toEqual([1, 0]);
    address = '10.0.0.2';
    await vi.advanceTimersByTimeAsync(2_000);
    expect(hosts.resolve(names)).toEqual(new Map([['a.test', '10.0.0.1']]));
    await vi.advanceTimersByTimeAsync(0);
    expect([asked.length, changes]).toEqual([2, 1]);
    expect(hosts.resolve(names)).toEqual(new Map([['a.test', '10.0.0.2']]));
  });

  it('a name that no longer resolves keeps its last address', async () => {
    let fails = false;
    const hosts = new HostAddresses(
      () => {},
      async () => {
        if (fails) throw new Error('ENOTFOUND');
        return '10.0.0.1';
      },
    );
    await hosts.resolve(new Set(['a.test']));
    fails = true;
    await vi.advanceTimersByTimeAsync(61_000);
    hosts.resolve(new Set(['a.test']));
    await vi.advanceTimersByTimeAsync(0);
    expect(hosts.resolve(new Set(['a.test']))).toEqual(new Map([['a.test', '10.0.0.1']]));
  });

  it('a resolver that hangs holds a list up for two seconds, once, and is heard when it speaks', async () => {
    let answer = (_address: string) => {};
    let changes = 0;
    const hosts = new HostAddresses(
      () => {
        changes += 1;
      },
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    const names = new Set(['slow.test', '10.0.0.9']);
    const first = hosts.resolve(names);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await first).toEqual(new Map([['10.0.0.9', '10.0.0.9']]));
    expect(hosts.resolve(names)).not.toBeInstanceOf(Promise);
    answer('10.0.0.1');
    await vi.advanceTimersByTimeAsync(0);
    expect(changes).toBe(1);
    expect(hosts.resolve(names)).toEqual(
      new Map([
        ['slow.test', '10.0.0.1'],
        ['10.0.0.9', '10.0.0.9'],
      ]),
    );
  });
});
