import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HostAddresses } from '../../src/marathon/host-addresses.ts';
import type { HostNames } from '../../src/marathon/host-names.ts';

const opened: HostAddresses[] = [];

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  for (const hosts of opened.splice(0)) hosts.close();
  vi.useRealTimers();
});

function open(changed: () => void, names: HostNames): HostAddresses {
  const hosts = new HostAddresses(changed, names);
  opened.push(hosts);
  return hosts;
}

/** DNS tells no lifetime. */
const namesBy = (address: HostNames['address']): HostNames => ({
  address,
  lifetimeMs: async () => null,
});

describe('addresses of task hosts', () => {
  it('literals of both families are answered at once, without a lookup', () => {
    const hosts = open(
      () => {},
      namesBy(async () => {
        throw new Error('asked');
      }),
    );
    expect(hosts.resolve(new Set(['10.0.0.1', '::1']))).toEqual(
      new Map([
        ['10.0.0.1', '10.0.0.1'],
        ['::1', '::1'],
      ]),
    );
  });

  it('a name is waited for once, then known for a minute, then asked for again by itself', async () => {
    const asked: string[] = [];
    let address = '10.0.0.1';
    let changes = 0;
    const hosts = open(
      () => {
        changes += 1;
      },
      namesBy(async (host) => {
        asked.push(host);
        return address;
      }),
    );
    const names = new Set(['a.test']);
    expect(await hosts.resolve(names)).toEqual(new Map([['a.test', '10.0.0.1']]));
    await vi.advanceTimersByTimeAsync(59_000);
    expect(hosts.resolve(names)).toEqual(new Map([['a.test', '10.0.0.1']]));
    expect([asked.length, changes]).toEqual([1, 0]);
    address = '10.0.0.2';
    await vi.advanceTimersByTimeAsync(2_000);
    expect([asked.length, changes]).toEqual([2, 1]);
    expect(hosts.resolve(names)).toEqual(new Map([['a.test', '10.0.0.2']]));
  });

  it('a name that no longer resolves keeps its last address', async () => {
    let fails = false;
    const hosts = open(
      () => {},
      namesBy(async () => {
        if (fails) throw new Error('ENOTFOUND');
        return '10.0.0.1';
      }),
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
    const hosts = open(
      () => {
        changes += 1;
      },
      namesBy(
        () =>
          new Promise((resolve) => {
            answer = resolve;
          }),
      ),
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

  it.each([
    [10_000, 12_500],
    [0, 7_500],
    [3_600_000, 302_500],
  ])('an address that DNS says is good for %d ms is asked for again by itself', async (ttl, by) => {
    const asked: number[] = [];
    const startMs = Date.now();
    let address = '10.0.0.1';
    let changes = 0;
    const hosts = open(
      () => {
        changes += 1;
      },
      {
        address: async () => {
          asked.push(Date.now() - startMs);
          return address;
        },
        lifetimeMs: async () => ttl,
      },
    );
    await hosts.resolve(new Set(['a.test']));
    address = '10.0.0.2';
    await vi.advanceTimersByTimeAsync(by - 2_501);
    expect([asked.length, changes]).toEqual([1, 0]);
    await vi.advanceTimersByTimeAsync(2_501);
    expect([asked.length, changes]).toEqual([2, 1]);
  });

  it('names that nobody asks for any more are forgotten, and nothing runs on', async () => {
    let asked = 0;
    const hosts = open(
      () => {},
      namesBy(async () => {
        asked += 1;
        return '10.0.0.1';
      }),
    );
    await hosts.resolve(new Set(['a.test']));
    hosts.resolve(new Set());
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(asked).toBe(1);
  });
});
