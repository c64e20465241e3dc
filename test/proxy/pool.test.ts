import { describe, expect, it } from 'vitest';
import { type BalancingSpec, PLAIN_BALANCING, type ServerSpec } from '../../src/plan/plan.ts';
import { Clock } from '../../src/proxy/clock.ts';
import { Pool } from '../../src/proxy/pool.ts';
import type { Server } from '../../src/proxy/server.ts';

type Wish = Partial<ServerSpec> & { readonly id: string };

function spec(wish: Wish, place: number): ServerSpec {
  return {
    name: wish.id,
    numericId: place + 1,
    address: '127.0.0.1',
    port: 31_000 + wish.id.charCodeAt(0),
    weight: 1,
    admin: 'ready',
    ...wish,
  };
}

class TestPool {
  readonly pool = new Pool('*:10080', '/a', 'a_10080', {
    emptied: () => {},
    overdue: () => {},
    clock: new Clock(),
  });
  nowMs = 0;

  install(wishes: readonly Wish[], balancing: Partial<BalancingSpec> = {}, limit = 0): Server[] {
    const specs = wishes.map(spec);
    const servers = specs.map((one) => this.pool.serverOf(one));
    for (const server of servers) server.inPlan = true;
    const whole = { ...PLAIN_BALANCING, ...balancing };
    this.pool.install({ servers, specs, balancing: whole }, limit, this.nowMs);
    return servers;
  }

  picks(count: number): Record<string, number> {
    const counts: Record<string, number> = {};
    for (let i = 0; i < count; i += 1) {
      const id = this.pool.pick('', null, this.nowMs)?.id ?? '-';
      counts[id] = (counts[id] ?? 0) + 1;
    }
    return counts;
  }
}

describe('a pool', () => {
  it('shares requests by weight; weight 0, drain and maint get none', () => {
    const test = new TestPool();
    test.install([
      { id: 'a', weight: 3 },
      { id: 'b' },
      { id: 'c', weight: 0 },
      { id: 'd', admin: 'drain' },
      { id: 'e', admin: 'maint', weight: 9 },
    ]);
    expect(test.picks(40)).toEqual({ a: 30, b: 10 });
  });

  it('has no server when all are ordered out of service', () => {
    const test = new TestPool();
    test.install([{ id: 'a', admin: 'drain' }]);
    expect(test.pool.serves).toBe(false);
    expect(test.picks(1)).toEqual({ '-': 1 });
  });

  it('keeps its place from table to table, and follows new weights', () => {
    const test = new TestPool();
    test.install([{ id: 'a' }, { id: 'b' }]);
    expect(test.picks(1)).toEqual({ a: 1 });
    test.install([{ id: 'a' }, { id: 'b' }]);
    expect(test.picks(1)).toEqual({ b: 1 });
    test.install([{ id: 'a', weight: 4 }, { id: 'b' }]);
    const { a = 0 } = test.picks(50);
    expect(Math.abs(a - 40)).toBeLessThanOrEqual(2);
  });

  it('takes up another algorithm with the next table', () => {
    const test = new TestPool();
    test.install([{ id: 'a' }, { id: 'b' }]);
    test.install([{ id: 'a' }, { id: 'b' }], { balance: { algorithm: 'first' } });
    expect(test.picks(3)).toEqual({ a: 3 });
    expect(test.pool.keyedBy).toBeNull();
    test.install([{ id: 'a' }, { id: 'b' }], { balance: { algorithm: 'source' } });
    expect(test.pool.keyedBy).toEqual({ algorithm: 'source' });
  });

  it('retries elsewhere only where there is an elsewhere', () => {
    const test = new TestPool();
    const [a] = test.install([{ id: 'a' }, { id: 'b', admin: 'drain' }]) as [Server];
    expect(test.pool.hasOther(a)).toBe(false);
    expect(test.pool.pick('', a, 0)).toBe(a);
    test.install([{ id: 'a' }, { id: 'b' }]);
    expect(test.pool.hasOther(a)).toBe(true);
    for (let i = 0; i < 4; i += 1) expect(test.pool.pick('', a, 0)?.id).toBe('b');
  });

  it('never forgets a server that comes back with another order', () => {
    const test = new TestPool();
    const [a] = test.install([{ id: 'a' }]);
    const [again] = test.install([{ id: 'a', weight: 7, admin: 'drain' }]);
    expect(again).toBe(a);
    expect(again?.weight).toBe(7);
  });
});

describe('a slow start', () => {
  const slow = { slowStartMs: 10_000 };

  it('lets the share of a server that joins others grow from little to all of it', () => {
    const test = new TestPool();
    test.install([{ id: 'a' }], slow);
    test.nowMs = 1_000;
    test.install([{ id: 'a' }, { id: 'b' }], slow);
    const shares: number[] = [];
    for (const nowMs of [1_000, 3_500, 6_000, 11_000]) {
      test.nowMs = nowMs;
      test.picks(40);
      shares.push(test.picks(200)['b'] ?? 0);
    }
    expect(shares[0]).toBeLessThan(20);
    expect(shares[1]).toBeGreaterThan(shares[0] as number);
    expect(shares[2]).toBeGreaterThan(shares[1] as number);
    expect(Math.abs((shares[3] as number) - 100)).toBeLessThanOrEqual(1);
  });

  it('lets its limit grow, to at least one at once', () => {
    const test = new TestPool();
    test.install([{ id: 'a' }], slow, 8);
    const [, b] = test.install([{ id: 'a' }, { id: 'b' }], slow, 8) as [Server, Server];
    expect(b.limit).toBe(1);
    const limits = [2_500, 5_000, 10_000].map((nowMs) => {
      test.nowMs = nowMs;
      test.picks(1);
      return b.limit;
    });
    expect(limits).toEqual([2, 4, 8]);
    expect(test.pool.isWarming).toBe(false);
  });

  it('is for nobody where all servers are new, and for one that comes out of maintenance', () => {
    const test = new TestPool();
    const first = test.install([{ id: 'a' }, { id: 'b' }], slow, 8);
    expect(first.map(({ limit, share }) => [limit, share])).toEqual([
      [8, 1],
      [8, 1],
    ]);
    const others = test.install([{ id: 'c' }, { id: 'd' }], slow, 8);
    expect(others.map(({ limit }) => limit)).toEqual([8, 8]);
    test.install([{ id: 'c' }, { id: 'd', admin: 'maint' }], slow, 8);
    const [, d] = test.install([{ id: 'c' }, { id: 'd' }], slow, 8) as [Server, Server];
    expect(d.limit).toBe(1);
  });

  it('is over at once when the plan has none any more, or the server left in between', () => {
    const test = new TestPool();
    test.install([{ id: 'a' }], slow, 8);
    const [, b] = test.install([{ id: 'a' }, { id: 'b' }], slow, 8) as [Server, Server];
    test.install([{ id: 'a' }, { id: 'b', admin: 'drain' }], slow, 8);
    test.install([{ id: 'b' }], slow, 8);
    expect([b.limit, b.share]).toEqual([8, 1]);
    test.install([{ id: 'b' }, { id: 'c' }], slow, 8);
    test.nowMs = 10;
    const [, c] = test.install([{ id: 'b' }, { id: 'c' }], {}, 8) as [Server, Server];
    expect([c.limit, c.share]).toEqual([8, 1]);
  });
});
