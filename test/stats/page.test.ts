import { describe, expect, it } from 'vitest';
import { PLAIN_ROUTE } from '../../src/plan/plan.ts';
import { EVERYTHING } from '../../src/stats/filter.ts';
import { escapeHtml, html } from '../../src/stats/html.ts';
import { renderPage } from '../../src/stats/page.ts';
import { assess } from '../../src/stats/page-banner.ts';
import { hueOf } from '../../src/stats/page-hue.ts';
import { STYLE_URI } from '../../src/stats/page-style.ts';
import { Tally } from '../../src/stats/tally.ts';
import type { View } from '../../src/stats/view.ts';
import { bytes, duration, grouped } from '../../src/stats/wording.ts';
import { NOW_MS, row, sampleView } from './sample-view.ts';

describe('the page as text', () => {
  it('loads itself again unless told not to', () => {
    expect(renderPage(sampleView(), EVERYTHING)).toContain('http-equiv="refresh" content="5"');
    const still = renderPage(sampleView(), { ...EVERYTHING, norefresh: true });
    expect(still).not.toContain('http-equiv="refresh"');
  });

  it('holds no script, no inline style and nothing from elsewhere', () => {
    const page = renderPage(sampleView(), EVERYTHING);
    expect(page).not.toMatch(/<script|\sstyle=|\son\w+=|<style|src=|url\(/i);
    const links = [...page.matchAll(/(?:href|action)="([^"]*)"/g)].map((match) => match[1]);
    expect(links).toContain(STYLE_URI);
    for (const link of links) expect(link).toMatch(/^\/(haproxy|teal\.css|favicon\.svg)/);
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

  it('shows at most a hundred services, and says how many it leaves to a scope', () => {
    const sample = sampleView();
    const services = Array.from({ length: 130 }, (_, place) => {
      const [service] = sample.plan.services;
      if (service === undefined) throw new Error('the sample has a service');
      const colours = service.colours.map((colour) => ({
        ...colour,
        name: `app-${place}_${colour.name}`,
      }));
      return { ...service, key: `*:${10_000 + place}`, colours };
    });
    const view = sampleView({ plan: { listeners: [], services } });
    const page = renderPage(view, EVERYTHING);
    expect(page.match(/<article/g)).toHaveLength(100);
    expect(page.match(/<table class="rows"/g)).toHaveLength(100);
    expect(page).toContain('and 30 more services');
    const scoped = renderPage(view, { ...EVERYTHING, scope: 'app-129_' });
    expect(scoped.match(/<article/g)).toHaveLength(1);
    expect(scoped).not.toContain('more services');
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

  it('shows how many wait for a server', () => {
    const tally = new Tally();
    const backend = row({ queued: 41_207, queuedMax: 58_301 });
    const pool = { service: '*:10080', appId: '/zdd/green', name: 'zdd_green_10080' };
    const pools = [{ ...pool, frontend: row({}), backend, servers: [] }];
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
