import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BalanceSpec } from '../../../src/plan/plan.ts';
import { FirstFree } from '../../../src/proxy/balance/first-free.ts';
import { LeastConnections } from '../../../src/proxy/balance/least-connections.ts';
import { makeBalancer } from '../../../src/proxy/balance/make-balancer.ts';
import { RandomChoice } from '../../../src/proxy/balance/random-choice.ts';
import { begin, end, FakeMember, membersOf, picks, seeded, tally } from './members.ts';

describe('least connections', () => {
  it('takes turns while all are equally loaded', () => {
    const balancer = new LeastConnections<FakeMember>();
    balancer.update(membersOf(1, 1, 1));
    expect(picks(balancer, 6).join('')).toBe('abcabc');
  });

  it('chooses whoever has the fewest in flight for its weight', () => {
    const balancer = new LeastConnections<FakeMember>();
    const members = membersOf(4, 2, 1);
    balancer.update(members);
    for (let i = 0; i < 70; i += 1) begin(balancer);
    expect(members.map((member) => member.inFlight)).toEqual([40, 20, 10]);
    const [a] = members as [FakeMember];
    for (let i = 0; i < 10; i += 1) end(balancer, a);
    for (let i = 0; i < 10; i += 1) expect(begin(balancer)).toBe(a);
  });

  it('always picks a least loaded one, whatever begins and ends', () => {
    const steps = fc.array(fc.record({ ends: fc.boolean(), place: fc.nat(30) }), {
      maxLength: 200,
    });
    const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(weights, steps, (given, all) => {
        const members = membersOf(...given);
        const balancer = new LeastConnections<FakeMember>();
        balancer.update(members);
        const open: FakeMember[] = [];
        for (const step of all) {
          const ending = step.ends ? open.splice(step.place % (open.length || 1), 1)[0] : undefined;
          if (ending !== undefined) {
            end(balancer, ending);
            continue;
          }
          const least = Math.min(...members.map(({ inFlight, weight }) => inFlight / weight));
          const picked = balancer.pick('', null) as FakeMember;
          expect(picked.inFlight / picked.weight).toBe(least);
          picked.inFlight += 1;
          balancer.changed(picked);
          open.push(picked);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('first', () => {
  it('fills the members in the order of their ids, and goes back to the first that has room', () => {
    const members = [3, 1, 2].map((rank) => new FakeMember(`id${rank}`, 1, 2, rank));
    const balancer = new FirstFree<FakeMember>();
    balancer.update(members);
    const order = Array.from({ length: 7 }, () => begin(balancer)?.id ?? '-');
    expect(order).toEqual(['id1', 'id1', 'id2', 'id2', 'id3', 'id3', '-']);
    end(balancer, members[1] as FakeMember);
    expect(begin(balancer)?.id).toBe('id1');
  });
});

describe('random', () => {
  it('draws by weight', () => {
    const balancer = new RandomChoice<FakeMember>(1, seeded(1));
    balancer.update(membersOf(6, 3, 1));
    const counts = tally(picks(balancer, 10_000));
    expect(counts['a']).toBeGreaterThan(5_700);
    expect(counts['a']).toBeLessThan(6_300);
    expect(counts['c']).toBeGreaterThan(850);
    expect(counts['c']).toBeLessThan(1_150);
  });

  it('with two draws keeps the load far more even than with one', () => {
    const spread = (draws: number): number => {
      const members = membersOf(...Array.from({ length: 50 }, () => 1));
      const balancer = new RandomChoice<FakeMember>(draws, seeded(7));
      balancer.update(members);
      for (let i = 0; i < 5_000; i += 1) begin(balancer);
      const loads = members.map((member) => member.inFlight);
      return Math.max(...loads) - Math.min(...loads);
    };
    expect(spread(2)).toBeLessThanOrEqual(8);
    expect(spread(1)).toBeGreaterThan(20);
  });

  it('finds the only one with room among many', () => {
    const members = Array.from({ length: 100 }, (_, i) => new FakeMember(`m${i}`, 1, 1, i));
    const balancer = new RandomChoice<FakeMember>(2, seeded(3));
    balancer.update(members);
    const picked = new Set(Array.from({ length: 100 }, () => begin(balancer)));
    expect(picked.size).toBe(100);
    expect(begin(balancer)).toBeNull();
  });

  it('follows a share that grows', () => {
    const members = membersOf(1, 1);
    const [, b] = members as [FakeMember, FakeMember];
    b.ratio = 1 / 16;
    const balancer = new RandomChoice<FakeMember>(1, seeded(5));
    balancer.update(members);
    expect(tally(picks(balancer, 1_600))['b']).toBeLessThan(200);
    b.ratio = 1;
    balancer.changed(b);
    expect(tally(picks(balancer, 1_600))['b']).toBeGreaterThan(700);
  });
});

const SPECS: readonly BalanceSpec[] = [
  { algorithm: 'roundrobin' },
  { algorithm: 'static-rr' },
  { algorithm: 'leastconn' },
  { algorithm: 'first' },
  { algorithm: 'random', draws: 2 },
  { algorithm: 'source' },
  { algorithm: 'uri', whole: false, depth: 0, length: 0 },
  { algorithm: 'url_param', name: 'x' },
  { algorithm: 'hdr', name: 'x' },
];

describe.each(SPECS)('any balancer: $algorithm', (spec) => {
  const step = fc.oneof(
    fc.record({ does: fc.constant('begin' as const), key: fc.string({ maxLength: 3 }) }),
    fc.record({ does: fc.constant('end' as const), place: fc.nat(50) }),
    fc.record({ does: fc.constant('update' as const), set: fc.subarray([0, 1, 2, 3, 4, 5]) }),
  );

  it('picks a member that is not full and not to be avoided, or nobody only if there is none', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), fc.nat(3), (steps, limit) => {
        const all = Array.from(
          { length: 6 },
          (_, i) => new FakeMember(`m${i}`, 1 + i, limit, 10 - i),
        );
        const balancer = makeBalancer<FakeMember>(spec);
        let members: readonly FakeMember[] = all;
        const open: FakeMember[] = [];
        balancer.update(members);
        for (const one of steps) {
          if (one.does === 'update') {
            members = all.filter((_, place) => one.set.includes(place));
            balancer.update(members);
          } else if (one.does === 'end') {
            const ending = open.splice(one.place % (open.length || 1), 1)[0];
            if (ending !== undefined) end(balancer, ending);
          } else {
            const avoid = all[one.key.length] ?? null;
            const picked = balancer.pick(one.key, avoid);
            const possible = members.filter((member) => !member.full && member !== avoid);
            if (picked === null) {
              expect(possible).toEqual([]);
            } else {
              expect(possible).toContain(picked);
              picked.inFlight += 1;
              balancer.changed(picked);
              open.push(picked);
            }
          }
        }
      }),
      { numRuns: 80 },
    );
  });
});
