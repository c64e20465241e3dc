import { describe, expect, it } from 'vitest';
import type { Claim } from '../../src/catalogue/claim.ts';
import { PLAIN_ROUTE } from '../../src/catalogue/policy.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { EMPTY_PLAN, type TlsSpec } from '../../src/plan/plan.ts';
import type { PlanOptions } from '../../src/plan/plan-options.ts';
import { claim } from './claims.ts';

const OPTIONS: PlanOptions = {
  bindAddress: '*',
  httpPort: 80,
  httpsPort: 443,
  appidPort: 9091,
  statsPort: 9090,
  groupHttpsByVhost: true,
  acceptProxy: false,
};
const PLAIN: TlsSpec = {
  certificates: [],
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: '',
  ciphersuites: '',
  clientCertificate: 'unasked',
  authorities: '',
};

let port = 10_000;
function at(hosts: readonly string[], tls: Partial<TlsSpec> | null, more: Partial<Claim> = {}) {
  port += 1;
  return claim(`/app${port}`, {
    servicePort: port,
    routes: [{ ...PLAIN_ROUTE, hosts }],
    tls: tls && { ...PLAIN, ...tls },
    ...more,
  });
}

function group(...claims: Claim[]) {
  const { plan, problems } = makePlan(claims, OPTIONS, EMPTY_PLAN, 0);
  const byName = plan.listeners.find((one) => one.kind === 'https')?.byName;
  return { byName, problems };
}

describe('https grouped by virtual host', () => {
  it("is off unless asked for, and the https listener's alone", () => {
    const claims = [at(['a.test'], { certificates: ['/a.pem'] })];
    const off = makePlan(claims, { ...OPTIONS, groupHttpsByVhost: false }, EMPTY_PLAN, 0).plan;
    expect(off.listeners.every((one) => one.byName.length === 0)).toBe(true);
    const on = makePlan(claims, OPTIONS, EMPTY_PLAN, 0).plan;
    expect(on.listeners.filter((one) => one.byName.length > 0).map((one) => one.kind)).toEqual([
      'https',
    ]);
  });

  it('shows each host the certificates of its apps, all of them, else the shared ones', () => {
    const { byName, problems } = group(
      at(['a.test'], { certificates: ['/one.pem'] }),
      at(['a.test', 'b.test'], { certificates: ['/two.pem', '/one.pem'] }),
      at(['c.test', '*.d.test'], null),
    );
    expect(problems).toEqual([]);
    expect(byName).toEqual([
      { hosts: ['*.d.test', 'c.test'], tls: PLAIN },
      { hosts: ['a.test'], tls: { ...PLAIN, certificates: ['/one.pem', '/two.pem'] } },
      { hosts: ['b.test'], tls: { ...PLAIN, certificates: ['/two.pem', '/one.pem'] } },
    ]);
  });

  it('asks for what any app of the host asks for', () => {
    const { byName, problems } = group(
      at(['a.test'], { minVersion: 'TLSv1.3', ciphers: 'AES' }),
      at(['a.test'], { clientCertificate: 'required', authorities: '/ca.pem' }),
    );
    expect(problems).toEqual([]);
    expect(byName?.[0]?.tls).toEqual({
      ...PLAIN,
      minVersion: 'TLSv1.3',
      ciphers: 'AES',
      clientCertificate: 'required',
      authorities: '/ca.pem',
    });
  });

  it.each<[string, Partial<TlsSpec>, Partial<TlsSpec>, Partial<TlsSpec>]>([
    ['ciphers', { ciphers: 'A' }, { ciphers: 'B' }, { ciphers: 'A' }],
    ['ca-file', { authorities: '/a' }, { authorities: '/b' }, { authorities: '/a' }],
    [
      'versions of TLS',
      { maxVersion: 'TLSv1.2' },
      { minVersion: 'TLSv1.3' },
      { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' },
    ],
  ])('%s that cannot be joined are those of the first app, and told', (what, one, two, kept) => {
    const { byName, problems } = group(at(['a.test'], one), at(['a.test'], two));
    expect(byName?.[0]?.tls).toMatchObject(kept);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain(what);
  });

  it('goes by the live colour, and by services of mode http only', () => {
    const blue = at(['blue.test'], null, { servicePort: 10_080 });
    const green = at(['green.test'], null, { servicePort: 10_080, candidates: [] });
    const tcp = at(['tcp.test'], null, { mode: 'tcp' });
    expect(group(blue, green, tcp).byName?.map((one) => one.hosts)).toEqual([['blue.test']]);
  });

  it('keeps the listener, and the plan, where nothing of it has changed', () => {
    const claims = [at(['a.test'], { certificates: ['/a.pem'] })];
    const before = makePlan(claims, OPTIONS, EMPTY_PLAN, 1).plan;
    expect(
      makePlan(
        claims.map((one) => ({ ...one })),
        OPTIONS,
        before,
        2,
      ).plan,
    ).toBe(before);
  });
});
