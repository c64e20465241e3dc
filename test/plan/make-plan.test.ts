import { describe, expect, it } from 'vitest';
import { diffPlans, isEmptyDelta } from '../../src/plan/diff.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { EMPTY_PLAN, PLAIN_ROUTE, type Plan, type TlsSpec } from '../../src/plan/plan.ts';
import type { PlanOptions } from '../../src/plan/plan-options.ts';
import { candidates, claim } from './claims.ts';

const OPTIONS: PlanOptions = {
  bindAddress: '*',
  httpPort: 80,
  httpsPort: 443,
  appidPort: 9091,
  statsPort: 9090,
  groupHttpsByVhost: false,
  acceptProxy: false,
};
const plan = (claims: Parameters<typeof makePlan>[0], before: Plan = EMPTY_PLAN, nowMs = 5_000) =>
  makePlan(claims, OPTIONS, before, nowMs);

describe('the plan', () => {
  it('opens the shared listeners before any app is known, under the names of Marathon-LB', () => {
    expect(plan([]).plan.listeners.map((one) => [one.key, one.kind, one.name])).toEqual([
      ['*:443', 'https', 'marathon_https_in'],
      ['*:80', 'http', 'marathon_http_in'],
      ['*:9091', 'appid', 'marathon_http_appid_in'],
    ]);
    const none = makePlan([], { ...OPTIONS, httpPort: 0, httpsPort: 0 }, EMPTY_PLAN, 0);
    expect(none.plan.listeners.map((one) => one.kind)).toEqual(['appid']);
  });

  it('lets a listener speak as the live colour asks, and not otherwise than by the plan', () => {
    const tls: TlsSpec = {
      certificates: ['/etc/ssl/green.pem'],
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
      ciphers: '',
      ciphersuites: '',
      clientCertificate: 'unasked',
      authorities: '',
    };
    const blue = claim('/zdd/blue', { acceptProxy: true });
    const green = { tls, lastConfigChangeAtMs: 2_000 };
    const before = plan([blue, claim('/zdd/green', { ...green, candidates: [] })]).plan;
    const listenerOf = (made: Plan) => made.listeners.find((one) => one.kind === 'service');
    expect(listenerOf(before)).toMatchObject({ tls: null, acceptProxy: true });
    const after = plan([blue, claim('/zdd/green', green)], before).plan;
    expect(listenerOf(after)).toMatchObject({ tls, acceptProxy: false });
    expect(diffPlans(before, after).listeners).toHaveLength(1);
    expect(plan([claim('/a', { tls, candidates: [] })]).plan.listeners[0]).toMatchObject({ tls });
  });

  it('wants PROXY protocol headers on 80 and 443 only when told so, and none on the app id port', () => {
    const { listeners } = makePlan([], { ...OPTIONS, acceptProxy: true }, EMPTY_PLAN, 0).plan;
    expect(listeners.map((one) => [one.port, one.acceptProxy, one.tls !== null])).toEqual([
      [443, true, true],
      [80, true, false],
      [9091, false, false],
    ]);
    expect(plan([]).plan.listeners.some((one) => one.acceptProxy)).toBe(false);
  });

  it('makes colours of one service of the apps that share address and port', () => {
    const { plan: made, problems } = plan([
      claim('/zdd/blue', { routes: [{ ...PLAIN_ROUTE, hosts: ['b.test'] }] }),
      claim('/zdd/green', {
        lastConfigChangeAtMs: 2_000,
        routes: [{ ...PLAIN_ROUTE, hosts: ['a.test', 'b.test'] }],
      }),
      claim('/other', { servicePort: 10_081 }),
    ]);
    expect(problems).toEqual([]);
    expect(made.services.map((one) => [one.key, one.live, one.liveSinceMs])).toEqual([
      ['*:10080', '/zdd/green', 5_000],
      ['*:10081', '/other', 5_000],
    ]);
    expect(made.services[0]?.routes).toEqual([{ ...PLAIN_ROUTE, hosts: ['a.test', 'b.test'] }]);
    expect(made.services[0]?.colours.map((one) => one.name)).toEqual([
      'zdd_blue_10080',
      'zdd_green_10080',
    ]);
  });

  it('keeps the time since when a colour is live until another one is', () => {
    const blue = claim('/zdd/blue');
    const first = plan([blue]).plan;
    const second = plan([blue], first, 6_000).plan;
    expect(second.services[0]?.liveSinceMs).toBe(5_000);
    const third = plan(
      [blue, claim('/zdd/green', { lastConfigChangeAtMs: 9 ** 9 })],
      second,
      7_000,
    ).plan;
    expect(third.services[0]).toMatchObject({ live: '/zdd/green', liveSinceMs: 7_000 });
  });

  it('lists usable tasks as servers and names the others with their standing', () => {
    const colour = plan([
      claim('/a', { candidates: candidates('t', 'healthy', 'starting', 'killing') }),
    ]).plan.services[0]?.colours[0];
    expect(colour?.servers.map((one) => one.id)).toEqual(['t.0']);
    expect(colour?.others.map((one) => one.standing)).toEqual(['starting', 'killing']);
  });

  it('lets tasks that are being killed serve when nothing else could', () => {
    const colour = plan([claim('/a', { candidates: candidates('t', 'killing') })]).plan.services[0];
    expect(colour).toMatchObject({ live: '/a' });
    expect(colour?.colours[0]?.servers).toHaveLength(1);
  });

  it('gives a service the address it asks for, else the one of --bind', () => {
    const made = makePlan(
      [claim('/a'), claim('/b', { bindAddress: '127.0.0.2' })],
      { ...OPTIONS, bindAddress: '127.0.0.1' },
      EMPTY_PLAN,
      0,
    ).plan;
    expect(made.services.map((one) => one.key)).toEqual(['127.0.0.1:10080', '127.0.0.2:10080']);
  });
});

describe('claims that cannot be granted', () => {
  it('http and tcp on one port: the oldest claim owns it, the other is named', () => {
    const tcp = claim('/tcp', { mode: 'tcp', lastConfigChangeAtMs: 9_000 });
    const { plan: made, problems } = plan([tcp, claim('/web')]);
    expect(made.services[0]).toMatchObject({ mode: 'http', live: '/web' });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ app: '/tcp', where: 'HAPROXY_0_PORT', value: '10080' });
  });

  it('http and tcp on one port: who has it keeps it', () => {
    const tcp = claim('/tcp', { mode: 'tcp', lastConfigChangeAtMs: 9_000 });
    const before = plan([tcp]).plan;
    expect(plan([tcp, claim('/web')], before).plan.services[0]).toMatchObject({ mode: 'tcp' });
  });

  it("a port of Teal's own is no service's", () => {
    const { plan: made, problems } = plan([claim('/a', { servicePort: 9090 })]);
    expect(made.services).toEqual([]);
    expect(problems[0]?.message).toContain('stats port');
  });

  it('one app that claims a port twice is one colour', () => {
    const { plan: made, problems } = plan([claim('/a'), claim('/a', { portIndex: 1 })]);
    expect(made.services[0]?.colours).toHaveLength(1);
    expect(problems[0]?.where).toBe('HAPROXY_1_PORT');
  });
});

describe('the difference between two plans', () => {
  const two = [claim('/a'), claim('/b', { servicePort: 10_081 })];

  it('holds only the service that changed', () => {
    const before = plan(two).plan;
    const changed = claim('/b', {
      servicePort: 10_081,
      candidates: candidates('n', 'healthy', 'healthy'),
    });
    const delta = diffPlans(before, plan([two[0] as never, changed], before).plan);
    expect(delta.services.map((one) => one.key)).toEqual(['*:10081']);
    expect(delta).toMatchObject({ listeners: [], removedListeners: [], removedServices: [] });
  });

  it('names listeners and services that are gone', () => {
    const before = plan(two).plan;
    const delta = diffPlans(before, plan([two[0] as never], before).plan);
    expect(delta).toMatchObject({ removedListeners: ['*:10081'], removedServices: ['*:10081'] });
  });

  it('is empty for equal plans', () => {
    const before = plan(two).plan;
    expect(isEmptyDelta(diffPlans(before, plan(two, before, 9_999).plan))).toBe(true);
  });
});
