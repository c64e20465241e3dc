import { afterEach, describe, expect, it } from 'vitest';
import { type Admin, type AdminOptions, startAdmin } from '../../src/admin/server.ts';
import { SILENT } from '../../src/log/logger.ts';
import { explain } from '../../src/plan/explain.ts';
import { PLAIN_ROUTE } from '../../src/plan/plan.ts';
import { wayFinder } from '../../src/proxy/way-finder.ts';
import { sampleFacts } from '../stats/sample-facts.ts';
import { facts } from '../stats/sample-peers.ts';
import { sampleView } from '../stats/sample-view.ts';

const VIEW = sampleView();
const running: Admin[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((admin) => admin.close()));
});

async function ask(path: string, options: Partial<AdminOptions> = {}) {
  const admin = await startAdmin({
    address: '127.0.0.1',
    port: 0,
    view: async () => VIEW,
    config: sampleFacts,
    signals: null,
    log: SILENT,
    ...options,
  });
  running.push(admin);
  const response = await fetch(`http://127.0.0.1:${admin.port}${path}`);
  expect(response.headers.get('content-type')).toBe('application/json');
  return { status: response.status, body: JSON.parse(await response.text()) as unknown };
}

describe('reading by programs', () => {
  it('names everything that can be read, and each of it is there', async () => {
    const { status, body } = await ask('/_teal');
    expect(status).toBe(200);
    const paths = Object.keys(body as object).filter((path) => !/NAME|events|orders/.test(path));
    expect(paths).toHaveLength(9);
    const all = { explain: explainer, instance: () => facts('edge-1') };
    for (const path of paths) {
      expect((await ask(`${path}?url=http://x/`, all)).status).toBe(200);
    }
  });

  it('tells the state of the balancer', async () => {
    const { body } = await ask('/_teal/status');
    expect(body).toMatchObject({
      version: VIEW.version,
      node: VIEW.node,
      ready: true,
      notReady: '',
      epoch: 12,
      knowledgeAgeMs: 12_000,
      services: { total: 2, withoutLive: [] },
      draining: [],
      problems: 1,
    });
    expect((body as { workers: unknown }).workers).toEqual(VIEW.workers);
    const notReady = () => 'draining, it is about to end';
    expect((await ask('/_teal/status', { notReady })).body).toMatchObject({
      ready: false,
      notReady: notReady(),
    });
  });

  it('tells which colours drain, and which services have no live one', async () => {
    const draining = { sinceMs: 1, deadlineMs: 2, inFlight: 3, tunnels: 1, cut: 0 };
    const view = async () => ({
      ...VIEW,
      source: { ...VIEW.source, lastAnswerAtMs: 0 },
      plan: { ...VIEW.plan, services: VIEW.plan.services.map((one) => ({ ...one, live: null })) },
      traffic: {
        ...VIEW.traffic,
        pools: VIEW.traffic.pools.map((pool, place) => ({
          ...pool,
          draining: place === 0 ? draining : place === 1 ? { ...draining, inFlight: 0 } : null,
        })),
      },
    });
    expect((await ask('/_teal/status', { view })).body).toMatchObject({
      knowledgeAgeMs: null,
      services: { withoutLive: ['*:10080', '*:10090'] },
      draining: [{ service: '*:10080', appId: '/zdd/blue', inFlight: 3, deadlineMs: 2 }],
    });
  });

  it('tells every service with colours and servers, as the stats page has them', async () => {
    const { body } = await ask('/_teal/services');
    const { epoch, services } = body as { epoch: number; services: { key: string }[] };
    expect(epoch).toBe(12);
    expect(services.map(({ key }) => key)).toEqual(['*:10080', '*:10090']);
    expect(services[0]).toMatchObject({
      live: '/zdd/green',
      rule: 'automatic',
      why: 'the newest ready colour',
      routes: ['shop.example.com', 'www.shop.example.com'],
      answerTimes: { answers: 800, p50Ms: expect.closeTo(9, 0), p99Ms: expect.closeTo(640, -2) },
      colours: [
        {
          appId: '/zdd/blue',
          live: false,
          usable: 2,
          percentOrdered: 0,
          inFlight: 8,
          cuts: 0,
          answerTimes: { answers: 400, p50Ms: expect.closeTo(9, 0) },
          servers: [
            { status: 'UP', standing: 'usable', address: '10.0.6.21:23331', check: null },
            { status: 'UP' },
            { status: 'MAINT', standing: 'killing', address: '10.0.6.23:23333' },
            { standing: 'draining' },
          ],
        },
        { appId: '/zdd/green', live: true, usable: 4, percentOrdered: 100, percentNow: 100 },
      ],
    });
  });

  it.each(['*:10080', '%2A%3A10080', '10080', 'zdd_green_10080', '/zdd/green', 'shop.example.com'])(
    'finds one service as %s',
    async (name) => {
      const { status, body } = await ask(`/_teal/services/${name}`);
      expect(status).toBe(200);
      expect(body).toMatchObject({ epoch: 12, key: '*:10080', live: '/zdd/green' });
    },
  );

  it('tells history and problems as they are', async () => {
    expect((await ask('/_teal/history')).body).toEqual({ history: VIEW.history });
    expect((await ask('/_teal/problems')).body).toEqual({ problems: VIEW.problems });
  });

  it('tells the plan without what passwords are compared with', async () => {
    const auth = { realm: 'r', user: 'joe', hash: '$6$salt$secret' };
    const services = VIEW.plan.services.map((service) => ({
      ...service,
      routes: [{ ...PLAIN_ROUTE, auth }],
    }));
    const view = async () => ({ ...VIEW, plan: { ...VIEW.plan, services } });
    const { body } = await ask('/_teal/plan', { view });
    expect(body).toEqual({
      epoch: 12,
      plan: JSON.parse(
        JSON.stringify({ ...VIEW.plan, services }).replaceAll('$6$salt$secret', '***'),
      ),
    });
  });

  it.each([
    ['/_teal/nothing', 404, 'there is no /_teal/nothing; GET /_teal says what there is'],
    ['/_teal/constructor', 404, /^there is no /],
    ['/_teal/services/nobody', 404, /^no service 'nobody': there are \*:10080, \*:10090/],
    ['/_teal/services/%E0%A4%A', 404, /^no service '%E0%A4%A'/],
    ['/_teal/explain', 400, 'expected url=http://host:port/path, as it would be asked for'],
    ['/_teal/explain?url=ftp://x/', 400, /^'ftp:\/\/x\/' is no http or https URL/],
    ['/_teal/explain?url=x', 400, /^'x' is no http or https URL/],
    ['/_teal/explain?url=http://x/&header=a', 400, "header 'a': expected 'Name: value'"],
    ['/_teal/explain?url=http://x/&header=a%0d:b', 400, /expected 'Name: value'$/],
  ])('%s is a %i in one line of JSON', async (path, status, error) => {
    const reply = await ask(path, { explain: explainer });
    expect(reply.status).toBe(status);
    expect(reply.body).toEqual({
      error: typeof error === 'string' ? error : expect.stringMatching(error),
    });
  });

  it('explains a request by its URL and headers', async () => {
    const reply = await ask(
      '/_teal/explain?url=http://127.0.0.1/a%3Fb&header=Host:%20www.shop.example.com&header=x:',
      { explain: explainer },
    );
    expect(reply.body).toMatchObject({
      answer: 'goes to one of 4 servers of /zdd/green',
      name: 'www.shop.example.com',
      listener: { key: '*:80', encrypted: false },
      service: { key: '*:10080' },
    });
  });
});

const explainer: NonNullable<AdminOptions['explain']> = (plan, question) =>
  explain(plan, question, wayFinder(plan));
