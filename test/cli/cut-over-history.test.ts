import { describe, expect, it } from 'vitest';
import { CutOverHistory } from '../../src/cli/cut-over-history.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { EMPTY_PLAN, type Plan } from '../../src/plan/plan.ts';
import { candidates, claim } from '../plan/claims.ts';

const OPTIONS = {
  bindAddress: '*',
  httpPort: 0,
  httpsPort: 0,
  appidPort: 0,
  statsPort: 9090,
  groupHttpsByVhost: false,
  acceptProxy: false,
};
const ANSWER = { epoch: 7, workers: 2, tookMs: 3, refused: null };
const planOf = (claims: Parameters<typeof makePlan>[0], before: Plan = EMPTY_PLAN) =>
  makePlan(claims, OPTIONS, before, 0).plan;

describe('the history of cut-overs', () => {
  it('has services that came, changed hands and went, and no others', () => {
    const history = new CutOverHistory();
    const other = claim('/other', { servicePort: 10_081 });
    const blue = planOf([claim('/blue'), other]);
    const green = planOf([claim('/green'), other], blue);
    const said = (before: Plan, after: Plan) =>
      history.record(before, after, ANSWER, 5).map((one) => [one.service, one.from, one.to]);
    expect(said(EMPTY_PLAN, blue)).toEqual([
      ['*:10080', null, '/blue'],
      ['*:10081', null, '/other'],
    ]);
    expect(said(blue, green)).toEqual([['*:10080', '/blue', '/green']]);
    expect(said(green, planOf([other], green))).toEqual([['*:10080', '/green', null]]);
    expect(history.entries.map((one) => one.to)).toEqual([null, '/green', '/blue', '/other']);
    expect(history.entries[0]).toMatchObject({ atMs: 5, epoch: 7, workers: 2, tookMs: 3 });
  });

  it('has no change of servers', () => {
    const before = planOf([claim('/a')]);
    const after = planOf(
      [claim('/a', { candidates: candidates('b', 'healthy', 'healthy') })],
      before,
    );
    expect(new CutOverHistory().record(before, after, ANSWER, 5)).toEqual([]);
  });
});
