import { describe, expect, it } from 'vitest';
import { explain } from '../../src/plan/explain.ts';
import type { Explanation, Question } from '../../src/plan/explanation.ts';
import {
  type ColourSpec,
  type ListenerSpec,
  NO_POLICY,
  PLAIN_ROUTE,
  type Plan,
  type ServiceSpec,
} from '../../src/plan/plan.ts';
import { wayFinder } from '../../src/proxy/way-finder.ts';
import { sampleView } from '../stats/sample-view.ts';

const { plan: SAMPLE } = sampleView();
const [ZDD, SEARCH] = SAMPLE.services as readonly [ServiceSpec, ServiceSpec];
const HTTP = SAMPLE.listeners[0] as ListenerSpec;
const TLS = {
  certificates: [],
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: '',
  ciphersuites: '',
  clientCertificate: 'unasked',
  authorities: '',
} as const;

/** A service for paths of the shop beside the whole shop, another way to it, and https. */
const CART: ServiceSpec = {
  ...ZDD,
  key: '*:10081',
  servicePort: 10_081,
  live: '/cart',
  routes: [
    { ...PLAIN_ROUTE, hosts: ['shop.example.com'], paths: ['/cart'], weight: 1 },
    { ...PLAIN_ROUTE, hosts: ['*.example.com'], weight: -1, redirectsToHttps: true },
  ],
  appIds: ['/cart'],
  colours: [{ ...(ZDD.colours[1] as ColourSpec), appId: '/cart' }],
};
const PLAN: Plan = {
  listeners: [
    ...SAMPLE.listeners,
    { ...HTTP, key: '*:443', port: 443, kind: 'https', name: 'marathon_https_in', tls: TLS },
  ],
  services: [ZDD, CART, SEARCH],
};

function ask(url: string, headers: Record<string, string> = {}, plan = PLAN): Explanation {
  const { protocol, hostname, port, pathname, search } = new URL(url);
  const isEncrypted = protocol === 'https:';
  const question: Question = {
    isEncrypted,
    host: hostname,
    port: Number(port) || (isEncrypted ? 443 : 80),
    target: pathname + search,
    headers: new Map(Object.entries(headers)),
  };
  return explain(plan, question, wayFinder(plan));
}

/** The plan with its first service changed. */
function planWith(changes: Partial<ServiceSpec>): Plan {
  return { ...PLAN, services: [{ ...ZDD, ...changes }, CART, SEARCH] };
}

describe('what becomes of a request', () => {
  it.each<[string, Record<string, string>, string, string | undefined]>([
    ['http://x:10080/', {}, 'goes to one of 4 servers of /zdd/green', '*:10080'],
    ['http://x:10090/', {}, 'goes to one of 3 servers of /search/indexer', '*:10090'],
    ['http://shop.example.com/', {}, 'goes to one of 4 servers of /zdd/green', '*:10080'],
    ['http://shop.example.com/cart/1?x', {}, 'goes to one of 4 servers of /cart', '*:10081'],
    ['http://x/', { host: 'SHOP.example.com:80' }, 'servers of /zdd/green$', '*:10080'],
    ['http://other.example.com/', {}, '301: the route sends it to https', '*:10081'],
    ['https://other.example.com/', {}, 'goes to one of 4 servers of /cart', '*:10081'],
    // The name of the handshake goes before the Host field.
    ['https://other.example.com/', { host: 'shop.example.com' }, 'servers of /cart$', '*:10081'],
    ['http://x:9091/', { 'x-marathon-app-id': '/CART' }, 'servers of /cart$', '*:10081'],
    ['http://x:9091/', {}, '503: \\*:9091 wants a header X-Marathon-App-Id', undefined],
    [
      'http://x:9091/',
      { 'x-marathon-app-id': '/no' },
      "503: no service is for the app id '/no'",
      undefined,
    ],
    ['http://x/', {}, "503: no route of \\*:80 is for this host \\('x'\\) and path", undefined],
    ['http://x:443/', {}, 'refused: \\*:443 speaks https only', undefined],
    ['https://x:10080/', {}, 'refused: \\*:10080 speaks http only', undefined],
    [
      'http://x:1/',
      {},
      'refused: nothing listens on port 1; there are \\*:80, \\*:9091, ',
      undefined,
    ],
  ])('%s with %j: %s', (url, headers, answer, service) => {
    const explanation = ask(url, headers);
    expect(explanation.answer).toMatch(new RegExp(answer));
    expect(explanation.service?.key).toBe(service);
  });

  it('says which routes of the host were passed over, and why', () => {
    const { route, passedOver } = ask('http://shop.example.com/cart');
    expect(route).toMatchObject({ service: '*:10081', paths: ['/cart'], weight: 1 });
    expect(passedOver.map(({ service, why }) => [service, why])).toEqual([
      ['*:10080', 'its weight 0 is below 1'],
      ['*:10081', 'its weight -1 is below 1'],
    ]);
    expect(ask('http://shop.example.com/').passedOver[0]).toMatchObject({
      service: '*:10081',
      why: 'the path begins with none of /cart',
    });
  });

  it('says why each colour and server is chosen or not', () => {
    const { colours, servers } = ask('http://x:10090/');
    expect(colours).toEqual([
      { appId: '/search/indexer', chosen: true, why: `live: ${SEARCH.why}` },
      { appId: '/search/indexer-next', chosen: false, why: 'no usable server' },
    ]);
    expect(servers.map(({ candidate, why }) => [candidate, why])).toEqual([
      ...[1, 2, 3].map(() => [true, 'one of those that roundrobin chooses from']),
      [false, 'unhealthy'],
    ]);
  });

  it('follows the shares of a split, and passes over servers by order', () => {
    const [blue, green] = ZDD.colours as readonly [ColourSpec, ColourSpec];
    const servers = blue.servers.map((server, place) => ({
      ...server,
      admin: place === 0 ? ('maint' as const) : ('drain' as const),
    }));
    const shares = [
      { appId: '/zdd/blue', percent: 20 },
      { appId: '/zdd/green', percent: 80 },
    ];
    const plan = planWith({ shares, colours: [{ ...blue, servers }, green] });
    const explanation = ask('http://x:10080/', {}, plan);
    expect(explanation.answer).toBe('goes to one of 4 servers of /zdd/blue or /zdd/green');
    expect(explanation.colours.map(({ why }) => why)).toEqual([
      '20 % of the requests are for it',
      '80 % of the requests are for it',
    ]);
    expect(explanation.servers.slice(0, 2).map(({ why }) => why)).toEqual([
      'in maintenance by order',
      'drained by order: only requests whose cookie names it',
    ]);
  });

  it('is a 503 where no colour is live', () => {
    expect(ask('http://x:10080/', {}, planWith({ live: null })).answer).toBe(
      '503: *:10080 has no server that may be given requests',
    );
  });

  it('notes who may answer before a server does', () => {
    const auth = { realm: 'r', user: 'joe', hash: '$6$a$b' };
    const colours = ZDD.colours.map((colour) => ({
      ...colour,
      policy: { ...NO_POLICY, allowedNetworks: ['10.0.0.0/8'] },
    }));
    const routes = [{ ...PLAIN_ROUTE, hosts: ['shop.example.com'], auth }];
    const explanation = ask('http://shop.example.com/', {}, planWith({ colours, routes }));
    expect(explanation.notes).toEqual([
      '403 for clients outside these networks: 10.0.0.0/8',
      "401 unless the password of 'joe' is sent",
    ]);
    expect(JSON.stringify(explanation)).not.toContain('$6$');
  });
});
