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

/** Asks clients for certificates of its own authority. */
const asking = (authorities: string): Partial<TlsSpec> => ({
  clientCertificate: 'required',
  authorities,
});

const way = (hosts: readonly string[], weight: number, paths: readonly string[] = []) => ({
  routes: [{ ...PLAIN_ROUTE, hosts, weight, paths }],
});

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

  it.each<[string, Partial<Claim>, Partial<Claim>, 'required' | 'unasked']>([
    ['nothing is left for it', way(['a.x.test'], 0), way(['*.x.test'], 0), 'unasked'],
    ['nothing is left that is lighter', way(['a.x.test'], 2), way(['*.x.test'], 1), 'unasked'],
    ['it is heavier', way(['a.x.test'], 0), way(['*.x.test'], 1), 'required'],
    ['paths are left', way(['a.x.test'], 2, ['/a']), way(['*.x.test'], 0), 'required'],
    ['the path is heavier', way(['a.x.test'], 2), way(['*.x.test'], 3, ['/b']), 'required'],
    ['it is further out', way(['a.x.test'], 0), way(['*.test'], 1), 'required'],
    ['it is another name', way(['a.x.test'], 0), way(['*.a.x.test'], 1), 'unasked'],
    ['the host is a wildcard too', way(['*.x.test'], 0), way(['*.test'], 1), 'required'],
  ])('asks for what a wildcard around the host asks for, if %s', (_, own, around, asked) => {
    const { byName } = group(at([], null, own), at([], asking('/ca.pem'), around));
    const host = own.routes?.[0]?.hosts[0] ?? '';
    const spoken = byName?.find((one) => one.hosts.includes(host));
    expect(spoken?.tls.clientCertificate).toBe(asked);
  });

  it('takes a nearer wildcard that leaves nothing for one further out', () => {
    const { byName } = group(
      at([], null, way(['a.b.test'], 5, ['/a'])),
      at([], null, way(['*.b.test'], 0)),
      at([], asking('/ca.pem'), way(['*.test'], 0)),
    );
    expect(byName?.map(({ hosts, tls }) => [hosts, tls.clientCertificate])).toEqual([
      [['*.b.test', 'a.b.test'], 'unasked'],
      [['*.test'], 'required'],
    ]);
  });

  it('speaks as is asked without a certificate, with the shared ones', () => {
    const hostTls: TlsSpec = { ...PLAIN, minVersion: 'TLSv1.3', ...asking('/ca.pem') };
    const { byName } = group(
      at(['a.test'], null, { hostTls }),
      at(['b.test'], null, { hostTls }),
      at(['b.test'], { certificates: ['/b.pem'] }),
    );
    expect(byName).toEqual([
      { hosts: ['a.test'], tls: hostTls },
      { hosts: ['b.test'], tls: { ...hostTls, certificates: ['/b.pem'] } },
    ]);
  });

  it('leaves a port closed whose service has no certificate of its own, and serves its host', () => {
    const claims = [at(['a.test'], asking('/ca.pem'), { servicePort: 10_443 })];
    const { plan } = makePlan(claims, OPTIONS, EMPTY_PLAN, 0);
    expect(plan.services.map(({ key }) => key)).toEqual(['*:10443']);
    expect(plan.listeners.map(({ port }) => port)).not.toContain(10_443);
    expect(plan.listeners.find(({ kind }) => kind === 'https')?.byName).toEqual([
      { hosts: ['a.test'], tls: { ...PLAIN, ...asking('/ca.pem') } },
    ]);
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
