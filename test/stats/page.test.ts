import { describe, expect, it } from 'vitest';
import { amend } from '../../src/colour/orders.ts';
import { PLAIN_ROUTE } from '../../src/plan/plan.ts';
import { EVERYTHING as ALL_ROWS } from '../../src/stats/filter.ts';
import { escapeHtml, html } from '../../src/stats/html.ts';
import { renderPage } from '../../src/stats/page.ts';
import { assess } from '../../src/stats/page-banner.ts';
import { linkTo, type PageFilter, pageUri, readPageFilter } from '../../src/stats/page-filter.ts';
import { hueOf } from '../../src/stats/page-hue.ts';
import { STYLE_URI } from '../../src/stats/page-style.ts';
import { Tally } from '../../src/stats/tally.ts';
import type { CutOver, RatesRecord, View } from '../../src/stats/view.ts';
import { bytes, duration, grouped } from '../../src/stats/wording.ts';
import { NOW_MS, row, sampleView } from './sample-view.ts';

const EVERYTHING: PageFilter = { ...ALL_ROWS, open: [], outcome: '' };

describe('the page as text', () => {
  it('loads itself again without a script, unless told not to', () => {
    expect(renderPage(sampleView(), EVERYTHING)).toContain(
      '<noscript><meta http-equiv="refresh" content="5"></noscript>',
    );
    const still = renderPage(sampleView(), { ...EVERYTHING, norefresh: true });
    expect(still).not.toContain('http-equiv="refresh"');
  });

  it('holds no inline script, no inline style and nothing from elsewhere', () => {
    const page = renderPage(sampleView(), EVERYTHING);
    expect(page.match(/<script[^>]*>[^<]*/g)).toEqual([
      '<script type="module" src="_teal/page/main.js">',
    ]);
    expect(page).not.toMatch(/\sstyle=|\son\w+=|<style|url\(/i);
    const links = [...page.matchAll(/(?:href|action)="([^"]*)"/g)].map((match) => match[1]);
    expect(links).toContain(linkTo(STYLE_URI));
    for (const link of links) {
      expect(link).toMatch(/^(#services|#problems|haproxy|teal\.css|favicon\.svg|metrics)/);
    }
  });

  it('escapes whatever a label, an app id or Marathon says', () => {
    const evil = '<b onclick="x">&\'';
    const sample = sampleView();
    const view = sampleView({
      node: evil,
      version: evil,
      problems: [{ app: evil, where: evil, value: evil, message: evil }],
      source: { ...sample.source, url: evil, error: evil },
      history: sample.history.map((one) => ({ ...one, service: evil, to: evil, why: evil })),
      plan: {
        listeners: sample.plan.listeners.map((one) => ({ ...one, name: one.name && evil })),
        services: sample.plan.services.map((service) => ({
          ...service,
          key: evil,
          address: evil,
          live: evil,
          why: evil,
          routes: [{ ...PLAIN_ROUTE, hosts: [evil] }],
          colours: service.colours.map((colour) => ({
            ...colour,
            appId: evil,
            name: evil,
            version: evil,
            servers: colour.servers.map((server) => ({ ...server, name: evil, address: evil })),
            others: colour.others.map((one) => ({ ...one, name: evil, standing: evil })),
          })),
        })),
      },
    });
    const page = renderPage(view, EVERYTHING);
    expect(page).toContain(escapeHtml(evil));
    expect(page).not.toContain('<b onclick');
    expect(page).not.toContain('"x"');
  });

  it('is made of an empty view too', () => {
    const view = sampleView({
      plan: { listeners: [], services: [] },
      traffic: { frontends: [], pools: [] },
      problems: [],
      history: [],
      workers: [],
      source: { ...sampleView().source, url: '', lastAnswerAtMs: 0, lastEventAtMs: 0, fetches: 0 },
    });
    const page = renderPage(view, EVERYTHING);
    expect(page).toContain('No app asks for a service yet.');
    expect(page).toContain('no app list has been read from Marathon yet');
  });

  /** As many services as asked for, each of two colours. */
  function manyServices(count: number): View {
    const sample = sampleView();
    const [service] = sample.plan.services;
    if (service === undefined) throw new Error('the sample has a service');
    const services = Array.from({ length: count }, (_, place) => ({
      ...service,
      key: `*:${10_000 + place}`,
      servicePort: 10_000 + place,
      colours: service.colours.map((one) => ({ ...one, name: `app-${place}_${one.name}` })),
    }));
    return sampleView({ plan: { listeners: [], services }, traffic: { frontends: [], pools: [] } });
  }

  it('shows each service in full while they are few', () => {
    const page = renderPage(manyServices(20), EVERYTHING);
    expect(page.match(/<section class="colour /g)).toHaveLength(40);
    expect(page.match(/<table class="rows"/g)).toHaveLength(20);
    expect(page).not.toContain('folded');
  });

  it('folds services into a line each where they are many, and unfolds those asked for', () => {
    const view = manyServices(130);
    const folded = renderPage(view, EVERYTHING);
    expect(folded.match(/<article class="service folded"/g)).toHaveLength(130);
    expect(folded).not.toContain('<section class="colour');
    expect(folded).toContain('href="haproxy?stats;open=*:10007#service-*:10007"');
    const open = renderPage(view, { ...EVERYTHING, open: ['*:10007', '*:9'] });
    expect(open.match(/<article class="service"/g)).toHaveLength(1);
    expect(open.match(/<table class="rows"/g)).toHaveLength(1);
    expect(open).toContain('The rows of 129 folded services are not shown');
    const scoped = renderPage(view, { ...EVERYTHING, scope: 'app-129_' });
    expect(scoped.match(/<article/g)).toHaveLength(1);
    expect(scoped).not.toContain('folded');
  });

  it('stays a page of a bounded size however many services there are', () => {
    const page = renderPage(manyServices(5_000), EVERYTHING);
    expect(page.match(/<article/g)).toHaveLength(1_000);
    expect(page.length).toBeLessThan(1_500_000);
    expect(page).toMatch(/4.?000 more services: narrow by a scope/);
  });

  it.each([
    ['', []],
    [';open=*:10080', ['*:10080']],
    [';up;open=*:10080,[::1]:80;scope=x', ['*:10080', '[::1]:80']],
    [';open=,,', []],
    [';open=<b>', []],
  ])('reads which services are open from %s', (pieces, open) => {
    expect(readPageFilter(pieces).open).toEqual(open);
  });

  it('opens a bounded number of services, and writes the URI it reads', () => {
    const filter = readPageFilter(`;open=${Array.from({ length: 99 }, (_, n) => n).join(',')}`);
    expect(filter.open).toHaveLength(20);
    expect(readPageFilter(pageUri(filter))).toEqual(filter);
  });

  it.each([
    ['*', ':10080'],
    ['10.0.0.1', '10.0.0.1:10080'],
    ['::1', '[::1]:10080'],
  ])('names a service by its bind address %s', (address, title) => {
    const { plan } = sampleView();
    const services = plan.services.map((service) => ({ ...service, address }));
    const page = renderPage(sampleView({ plan: { ...plan, services } }), EVERYTHING);
    expect(page).toContain(`<h3>${title}</h3>`);
  });

  it('says what no service matches', () => {
    const page = renderPage(sampleView(), { ...EVERYTHING, scope: 'nowhere' });
    expect(page).toContain('No service matches “nowhere”.');
  });

  it('shows who holds a service, and which version is not tried again', () => {
    const sample = sampleView();
    const [version] = sample.plan.services[0]?.colours.map((one) => one.version) ?? [];
    const refused = {
      appId: '/zdd/blue',
      version: version ?? '',
      by: '',
      why: 'too many 500s',
      atMs: 1,
    };
    const page = renderPage(
      sampleView({
        leases: [{ service: '*:10080', by: 'ada', why: 'deploy', untilMs: NOW_MS + 61_000 }],
        orders: amend(sample.orders, '*:10080', { refused: [refused] }),
      }),
      EVERYTHING,
    );
    expect(page).toMatch(/Leased to <strong>ada<\/strong> for <time[^>]*>1m 1s<\/time>: deploy/);
    expect(page).toContain('not made live by itself again: too many 500s');
  });

  it('counts a drain down to its deadline', () => {
    const tally = new Tally();
    const pool = { service: '*:10080', appId: '/zdd/blue', name: 'zdd_blue_10080' };
    const draining = {
      sinceMs: NOW_MS - 30_000,
      deadlineMs: NOW_MS + 90_000,
      inFlight: 7,
      tunnels: 2,
      cut: 0,
    };
    const rows = { frontend: row({}), backend: row({ inFlight: 7 }), servers: [] };
    tally.update(1, { pid: 1, epoch: 12, frontends: [], pools: [{ ...pool, ...rows, draining }] });
    const page = renderPage(sampleView({ traffic: tally.merged() }), EVERYTHING);
    expect(page).toMatch(
      /<b>7<\/b> still in flight, 2 tunnels of them; what is left in <b><time[^>]*>1m 30s/,
    );
    expect(page).toContain('<rect class="fill" width="75.0"');
  });

  it('tells what failed before and after a cut-over', () => {
    const [one, ...others] = sampleView().history;
    const rates = { requestsBefore: 1_203, errorPercentBefore: 0.14, watchedMs: 5_000 };
    const seen = (more: Pick<RatesRecord, 'requests' | 'errorPercent'>): string => {
      const entry = { ...(one as CutOver), rates: { ...rates, ...more } };
      return renderPage(sampleView({ history: [entry, ...others] }), EVERYTHING);
    };
    expect(seen({ requests: 40, errorPercent: 2.5 })).toMatch(
      /failed before: 0\.1 % of 1.203, since: 2\.5 % of 40</,
    );
    expect(seen({ requests: 0, errorPercent: null })).toContain('since: no requests<');
  });

  it.each([
    ['DONE', 'Action processed successfully.'],
    ['DENY', 'Action denied: it needs the admin token'],
    ['ERRP', 'Action not processed'],
    ['WHAT', '<p id="outcome"></p>'],
    ['', '<p id="outcome"></p>'],
  ])('tells what became of the form: %s', (outcome, text) => {
    expect(renderPage(sampleView(), readPageFilter(`;st=${outcome}`))).toContain(text);
  });

  it('writes HAProxy’s dash where a row has no limit', () => {
    const page = renderPage(sampleView(), EVERYTHING);
    const cells = (id: string): string[] => {
      const row = page.slice(page.indexOf(`id="${id}"`));
      return [...row.slice(0, row.indexOf('</tr>')).matchAll(/<td[^>]*>([^<]*)/g)].map(
        (match) => match[1] as string,
      );
    };
    const server = cells(/id="(zdd_green_10080\/10_[^"]*)/.exec(page)?.[1] ?? '');
    expect([server[3], server[6], server[9]]).toEqual(['-', '', '-']);
    const frontend = cells('zdd_green_10080/FRONTEND');
    expect([frontend[3], frontend[6]]).toEqual(['', '-']);
    expect(frontend[9]).toMatch(/^\d/);
  });

  it('shows how long half of the answers take and the slowest hundredth, with charts', () => {
    const page = renderPage(sampleView(), EVERYTHING);
    expect(page).toMatch(/<dt>P50 \/ P99 in ms<\/dt><dd><strong>9\.\d \/ 6\d\d<\/strong>/);
    expect(page.match(/median and 99th percentile/g)).toHaveLength(2);
    expect(page.match(/<path class="line over"/g)).toHaveLength(2);
    const quiet = renderPage(sampleView({ traffic: { frontends: [], pools: [] } }), EVERYTHING);
    expect(quiet).toMatch(/<dt>P50 \/ P99 in ms<\/dt><dd><strong>–<\/strong>/);
  });

  it('marks servers that only Mesos-DNS lists, and no others', () => {
    const { plan } = sampleView();
    const known = renderPage(sampleView(), EVERYTHING);
    expect(known).not.toContain('by Mesos-DNS');
    const services = plan.services.map((service) => ({
      ...service,
      colours: service.colours.map((colour) => ({
        ...colour,
        servers: colour.servers.map((one, place) =>
          place === 0 ? { ...one, id: `mesos-dns:${one.name}:1` } : one,
        ),
      })),
    }));
    const marked = services.flatMap(({ colours }) => colours).filter((one) => one.servers.length);
    const page = renderPage(sampleView({ plan: { ...plan, services } }), EVERYTHING);
    expect(page.split('by Mesos-DNS')).toHaveLength(marked.length + 1);
  });

  it('shows how many wait for a server', () => {
    const tally = new Tally();
    const backend = row({ queued: 41_207, queuedMax: 58_301 });
    const pool = { service: '*:10080', appId: '/zdd/green', name: 'zdd_green_10080' };
    const pools = [{ ...pool, frontend: row({}), backend, draining: null, servers: [] }];
    tally.update(1, { pid: 1, epoch: 12, frontends: [], pools });
    const page = renderPage(sampleView({ traffic: tally.merged() }), EVERYTHING);
    expect(page).toContain('Queue');
    expect(page).toMatch(/41.?207/);
    expect(page).toMatch(/58.?301/);
  });

  it('shows numbers a clock out of bounds would break', () => {
    const page = renderPage(sampleView({ nowMs: 9e15, startedAtMs: -5 }), EVERYTHING);
    expect(page).toContain('</html>');
  });
});

describe('the verdict at the top', () => {
  const sample = sampleView({ problems: [] });
  const rows: readonly [string, Partial<View>, string | null][] = [
    ['nothing when all is well', {}, null],
    ['one problem', { problems: sampleView().problems }, '1 problem in what apps ask for'],
    ['no worker', { workers: [] }, 'no worker serves'],
    [
      'a worker behind',
      { epoch: 13, workers: sample.workers.slice(0, 1) },
      'worker 1 serves by epoch 12, in force is 13',
    ],
    ['an answer held back', { source: { ...sample.source, held: true } }, 'is held back'],
    [
      'a failing Marathon',
      { source: { ...sample.source, error: '502 from the leader' } },
      'Marathon: 502 from the leader',
    ],
    [
      'old knowledge',
      { source: { ...sample.source, lastAnswerAtMs: NOW_MS - 200_000 } },
      'what is known of Marathon is 3m 20s old',
    ],
    [
      'a closed stream',
      { source: { ...sample.source, streaming: false } },
      'the event stream is closed',
    ],
    [
      'nothing of a stream that was never meant to be',
      { source: { ...sample.source, streaming: false, events: 0, reconnects: 0 } },
      null,
    ],
    [
      'a freeze',
      {
        orders: {
          ...sample.orders,
          freeze: { by: 'ada', why: 'Black Friday', atMs: 0, untilMs: NOW_MS + 1 },
        },
      },
      'frozen until 2026-11-24 21:42:07 UTC by ada: Black Friday',
    ],
    [
      'no freeze that is over',
      { orders: { ...sample.orders, freeze: { by: 'ada', why: '', atMs: 0, untilMs: NOW_MS } } },
      null,
    ],
    [
      'a service without a server',
      {
        plan: {
          ...sample.plan,
          services: sample.plan.services.map((one) => ({ ...one, live: null })),
        },
      },
      '*:10080 has no usable server',
    ],
  ];

  it.each(rows)('names %s', (_name, changes, expected) => {
    const texts = assess({ ...sample, ...changes }).map((finding) => finding.text);
    if (expected === null) expect(texts).toEqual([]);
    else expect(texts[0]).toContain(expected);
  });

  it('puts the worst first', () => {
    const levels = assess(sampleView({ workers: [] })).map((finding) => finding.level);
    expect(levels).toEqual(['bad', 'warn']);
  });
});

describe('the hue of a colour', () => {
  it.each([
    ['/zdd/blue', 'blue'],
    ['/zdd/green', 'green'],
    ['/shop-blue', 'blue'],
    ['/shop/Green', 'green'],
    ['/shop/green-v2', 'green'],
    ['/blue/shop', 'violet'],
    ['/blueprint', 'violet'],
    ['/evergreen', 'violet'],
  ])('%s is %s', (appId, hue) => {
    expect(hueOf(appId, [appId])).toBe(hue);
  });

  it('tells two nameless colours apart, by their order', () => {
    const appIds = ['/shop/a', '/shop/b'];
    expect(appIds.map((appId) => hueOf(appId, appIds))).toEqual(['violet', 'ochre']);
  });
});

describe('numbers in words', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1\u202f000'],
    [1_234_567, '1\u202f234\u202f567'],
  ])('%d is %s', (value, text) => {
    expect(grouped(value)).toBe(text);
  });

  it.each([
    [-5, '0s'],
    [59_999, '59s'],
    [67_000, '1m 7s'],
    [3_600_000, '1h 0m'],
    [90_000_000, '1d 1h'],
  ])('%d ms is %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it.each([
    [0, '0\u202fB'],
    [999, '999\u202fB'],
    [1_000, '1.0\u202fkB'],
    [9_949, '9.9\u202fkB'],
    [9_960, '10\u202fkB'],
    [999_600, '1.0\u202fMB'],
    [23_400_000, '23\u202fMB'],
  ])('%d bytes are %s', (value, text) => {
    expect(bytes(value)).toBe(text);
  });

  it('escape by themselves what stands in a template', () => {
    expect(html`<p title="${'"'}">${['<', html`<b>`, null, false, 3]}</p>`.text).toBe(
      '<p title="&quot;">&lt;<b>3</p>',
    );
  });
});
