import { describe, expect, it } from 'vitest';
import type { CheckSpec } from '../../src/catalogue/claim.ts';
import { Targets } from '../../src/health/targets.ts';
import { candidate, claim } from '../plan/claims.ts';

const CHECK: CheckSpec = {
  kind: 'http',
  path: '/',
  port: 31_000,
  intervalMs: 1_000,
  timeoutMs: 1_000,
  rise: 2,
  fall: 3,
};

const checked = (appId: string, ...taskIds: string[]) =>
  claim(appId, { candidates: taskIds.map((id) => ({ ...candidate(id), check: CHECK })) });
const keysOf = (...tasks: string[]) => tasks.map((one) => `${one} 127.0.0.1:31000`);

describe('who is probed', () => {
  it('are the servers that Marathon lets serve and whose app defines a check', () => {
    const all = [
      { ...candidate('t1'), check: CHECK },
      { ...candidate('t2', 'unhealthy', 31_001), check: CHECK },
      { ...candidate('t3', 'unchecked', 31_002), check: null },
      { ...candidate('t4', 'healthy', 31_003), address: null, check: CHECK },
    ];
    expect(new Targets().look([claim('/a', { candidates: all })])).toEqual({
      present: [{ key: 'a_10080/t1 127.0.0.1:31000', address: '127.0.0.1', spec: CHECK }],
      gone: [],
    });
  });

  it('changes with the claims that change, and with no others', () => {
    const targets = new Targets();
    const [a, b] = [checked('/a', 't1', 't2'), checked('/b', 't3')];
    expect(targets.look([a, b]).present.map((one) => one.key)).toEqual(
      keysOf('a_10080/t1', 'a_10080/t2', 'b_10080/t3'),
    );
    expect(targets.look([a, b])).toEqual({ present: [], gone: [] });
    const changed = targets.look([checked('/a', 't2', 't4'), b]);
    expect(changed.present.map((one) => one.key)).toEqual(keysOf('a_10080/t2', 'a_10080/t4'));
    expect(changed.gone).toEqual(keysOf('a_10080/t1'));
    expect(targets.look([b]).gone).toEqual(keysOf('a_10080/t2', 'a_10080/t4'));
    expect(targets.look([])).toEqual({ present: [], gone: keysOf('b_10080/t3') });
  });
});
