import { describe, expect, it } from 'vitest';
import { renderPage } from '../../src/stats/page.ts';
import { assess } from '../../src/stats/page-banner.ts';
import { readPageFilter } from '../../src/stats/page-filter.ts';
import { compareInstances, type FleetView, type PeerLook } from '../../src/stats/peers.ts';
import { renderMetrics } from '../../src/stats/prometheus.ts';
import type { View } from '../../src/stats/view.ts';
import { BLUE, facts, look } from './sample-peers.ts';
import { NOW_MS, sampleView } from './sample-view.ts';

const SELF = facts('edge-1');

const compare = (looks: readonly PeerLook[], self = SELF, nowMs = NOW_MS) =>
  compareInstances(self, looks, [], nowMs);
const statesOf = ({ instances }: Pick<FleetView, 'instances'>) =>
  instances.map(({ name, state, isSelf }) => `${name}${isSelf ? '*' : ''} ${state}`);

describe('instances side by side', () => {
  it('stand after this one, by name', () => {
    expect(statesOf(compare([look('edge-3'), look('edge-2')]))).toEqual([
      '* fine',
      'edge-2 fine',
      'edge-3 fine',
    ]);
  });

  it('recognise this one among its peers by what it says, not by where it is asked', () => {
    const own = look('10.0.6.25:9090', { facts: facts('edge-1', { epoch: 11 }) });
    const { instances } = compare([look('edge-2'), own]);
    expect(statesOf({ instances })).toEqual(['10.0.6.25:9090* fine', 'edge-2 fine']);
    expect(instances[0]?.facts?.epoch).toBe(12);
  });

  it('are not counted twice under two names', () => {
    const other = { facts: facts('edge-2', BLUE) };
    const found = compare([look('a', other), look('b', other), look('c')]);
    expect(statesOf(found)).toEqual(['* fine', 'a fine', 'b same', 'c fine']);
    expect(found.disagreements[0]?.says.map(({ instances }) => instances)).toEqual([
      ['this one (edge-1.example.net)', 'c'],
      ['a'],
    ]);
  });

  it.each([
    ['no answer', { silentSinceMs: NOW_MS - 9, error: 'connect ECONNREFUSED' }, 'silent', /ECONN/],
    ['another answer', { facts: null, error: 'status 404' }, 'answers-wrong', /404/],
    ['none yet', { facts: null }, 'unasked', /^$/],
    ['not ready', { facts: facts('x', { notReady: 'draining' }) }, 'not-ready', /^draining$/],
    ['slow workers', { facts: facts('x', { workersBehind: 1 }) }, 'behind', /^1 of 2 workers/],
    ['no workers', { facts: facts('x', { workers: 0 }) }, 'behind', /^no worker serves$/],
    [
      'old knowledge',
      { facts: facts('x', { lastAnswerAtMs: NOW_MS - 181_000 }) },
      'behind',
      /3m 1s old$/,
    ],
    ['an answer held back', { facts: facts('x', { held: true }) }, 'behind', /held back/],
    [
      'a clock ahead',
      { facts: facts('x', { nowMs: NOW_MS + 7_000 }) },
      'behind',
      /7s ahead of ours/,
    ],
    [
      'a clock behind',
      { facts: facts('x', { nowMs: NOW_MS - 7_000 }) },
      'behind',
      /7s behind of ours/,
    ],
    ['its own epoch', { facts: facts('x', { epoch: 9_000 }) }, 'fine', /^$/],
    [
      'knowledge of its own time',
      { facts: facts('x', { nowMs: NOW_MS + 4_000, lastAnswerAtMs: NOW_MS + 1_000 }) },
      'fine',
      /^$/,
    ],
  ] as const)('are what they are with %s', (_, changes, state, notes) => {
    const found = compare([look('edge-2', changes)]).instances[1];
    expect(found?.state).toBe(state);
    expect(found?.notes.join('; ')).toMatch(notes);
  });

  it('disagree about a service that is not the same everywhere, the most first', () => {
    const { disagreements } = compare([
      look('edge-2', { facts: facts('edge-2', BLUE) }),
      look('edge-3', { facts: facts('edge-3', BLUE) }),
    ]);
    expect(disagreements).toEqual([
      {
        service: '*:10080',
        sinceMs: NOW_MS,
        says: [
          { what: '/zdd/blue', instances: ['edge-2', 'edge-3'] },
          { what: '/zdd/green', instances: ['this one (edge-1.example.net)'] },
        ],
      },
    ]);
  });

  it('disagree about shares and about nothing live, too', () => {
    const shares = [
      { appId: '/zdd/blue', percent: 80 },
      { appId: '/zdd/green', percent: 20 },
    ];
    const services = [
      { key: '*:10080', live: '/zdd/green', shares },
      { key: '*:10090', live: null, shares: [] },
    ];
    const { disagreements } = compare([look('edge-2', { facts: facts('edge-2', { services }) })]);
    expect(disagreements.map(({ says }) => says.map(({ what }) => what))).toEqual([
      ['/zdd/green', '80 % /zdd/blue, 20 % /zdd/green'],
      ['/search/indexer', 'nothing'],
    ]);
  });

  it('miss a service only where they serve the same groups and are ready', () => {
    const missing = SELF.services.slice(1);
    const peer = (changes: object) =>
      compare([look('edge-2', { facts: facts('edge-2', { services: missing, ...changes }) })]);
    expect(peer({}).disagreements[0]?.says[1]?.what).toBe('does not serve it');
    expect(peer({ groups: ['internal'] }).disagreements).toEqual([]);
    expect(peer({ notReady: 'no app list is in force yet' }).disagreements).toEqual([]);
  });

  it('say nothing once they are silent', () => {
    const silent = { facts: facts('edge-2', BLUE), silentSinceMs: NOW_MS - 1, error: 'gone' };
    expect(compare([look('edge-2', silent)]).disagreements).toEqual([]);
  });

  it('keep the moment a disagreement began while it goes on, and forget it after', () => {
    const apart = [look('edge-2', { facts: facts('edge-2', BLUE) })];
    const first = compareInstances(SELF, apart, [], NOW_MS);
    const then = compareInstances(SELF, apart, first.disagreements, NOW_MS + 5_000);
    expect(then.disagreements[0]?.sinceMs).toBe(NOW_MS);
    const over = compareInstances(SELF, [look('edge-2')], then.disagreements, NOW_MS + 6_000);
    expect(over.disagreements).toEqual([]);
    const again = compareInstances(SELF, apart, over.disagreements, NOW_MS + 7_000);
    expect(again.disagreements[0]?.sinceMs).toBe(NOW_MS + 7_000);
  });

  it('compares ten instances of two thousand services within a second', () => {
    const services = Array.from({ length: 2_000 }, (_, place) => ({
      key: `*:${10_000 + place}`,
      live: `/app-${place}`,
      shares: [],
    }));
    const looks = Array.from({ length: 9 }, (_, place) =>
      look(`edge-${place}`, { facts: facts(`edge-${place}`, { services }) }),
    );
    const startMs = performance.now();
    expect(compare(looks, facts('self', { services })).disagreements).toEqual([]);
    expect(performance.now() - startMs).toBeLessThan(1_000);
  });
});

describe('the section on the page', () => {
  const page = (looks: readonly PeerLook[], self = SELF) => {
    const before = [{ service: '*:10003', sinceMs: NOW_MS - 4_000, says: [] }];
    const fleet = { ...compareInstances(self, looks, before, NOW_MS), faults: [] };
    return renderPage(sampleView({ fleet }), readPageFilter(''));
  };

  it('counts many services, and lists those that are not the same', () => {
    const services = (live: string) =>
      Array.from({ length: 30 }, (_, place) => ({
        key: `*:${10_000 + place}`,
        live: place === 3 ? live : '/a',
        shares: [],
      }));
    const peer = look('edge-2', { facts: facts('edge-2', { services: services('/b') }) });
    const text = page([peer], facts('edge-1', { services: services('/a') }));
    expect(text.match(/<li data-key="\*:\d+" class="apart">\*:10003 /g)).toHaveLength(2);
    expect(text.match(/and 29 services as most have them/g)).toHaveLength(2);
    expect(text).not.toContain('<li data-key="*:10004"');
  });

  it('escapes whatever a peer says', () => {
    const evil = '<img src=x onerror="alert(1)">&\'';
    const services = [{ key: evil, live: evil, shares: [{ appId: evil, percent: 100 }] }];
    const said = facts(evil, { node: evil, version: evil, notReady: evil, services });
    const text = page([look('edge-2', { facts: said, url: evil, name: evil }), look('edge-3')]);
    expect(text).not.toContain('<img');
  });

  it('is not there without peers', () => {
    expect(renderPage(sampleView(), readPageFilter(''))).toContain(
      '<section id="peers"></section>',
    );
  });
});

describe('metrics', () => {
  const samples = (view: View) =>
    renderMetrics(view, { scopes: new Set(['teal']), noMaint: false })
      .split('\n')
      .filter((line) => /^teal_(peer|disagree)/.test(line));

  it('say who is up and fine, and which services are not the same', () => {
    const silent = { silentSinceMs: NOW_MS - 9_000, error: 'connect ECONNREFUSED' };
    const looks = [
      look('edge-2', { facts: facts('edge-2', BLUE) }),
      look('edge-3', { facts: facts('edge-3', { held: true }) }),
      look('edge-4', silent),
      look('edge-5', { facts: null }),
    ];
    const before = [{ service: '*:10080', sinceMs: NOW_MS - 4_000, says: [] }];
    const fleet = { ...compareInstances(SELF, looks, before, NOW_MS), faults: [] };
    expect(samples(sampleView({ fleet }))).toEqual([
      'teal_peer_up{peer="edge-2"} 1',
      'teal_peer_up{peer="edge-3"} 1',
      'teal_peer_up{peer="edge-4"} 0',
      'teal_peer_fine{peer="edge-2"} 1',
      'teal_peer_fine{peer="edge-3"} 0',
      'teal_peer_fine{peer="edge-4"} 0',
      'teal_disagreements 1',
      `teal_disagreement_since_seconds{service="*:10080"} ${(NOW_MS - 4_000) / 1_000}`,
    ]);
  });

  it('are none without peers', () => {
    expect(samples(sampleView())).toEqual([]);
  });
});

describe('the banner', () => {
  const findings = (
    looks: readonly PeerLook[],
    sinceMs = NOW_MS - 4_000,
    faults: string[] = [],
  ) => {
    const before = [{ service: '*:10080', sinceMs, says: [] }];
    const fleet = { ...compareInstances(SELF, looks, before, NOW_MS), faults };
    return assess(sampleView({ fleet, problems: [] })).map(({ level, text }) => `${level} ${text}`);
  };

  it('names the service that instances disagree about, and who says what', () => {
    expect(findings([look('edge-2', { facts: facts('edge-2', BLUE) })])).toContain(
      'bad the instances disagree about *:10080: /zdd/green on this one (edge-1.example.net); /zdd/blue on edge-2',
    );
  });

  it('waits until a cut-over has reached everybody', () => {
    const apart = [look('edge-2', { facts: facts('edge-2', BLUE) })];
    expect(findings(apart, NOW_MS - 2_900).join()).not.toContain('disagree');
  });

  it('names who is silent and since when, who is behind, and names that lead nowhere', () => {
    const silent = { silentSinceMs: NOW_MS - 9_000, error: 'connect ECONNREFUSED' };
    const held = { facts: facts('edge-3', { held: true }) };
    const found = findings([look('edge-2', silent), look('edge-3', held), look('edge-4')], 0, [
      'http://edges:9090: the name leads nowhere',
    ]);
    expect(found).toContain(
      'bad edge-2 (http://edge-2:9090) has not answered since 2026-11-24 21:41:58 UTC: connect ECONNREFUSED',
    );
    expect(found).toContain("warn edge-3: Marathon's last answer is held back");
    expect(found).toContain('warn http://edges:9090: the name leads nowhere');
    expect(found.join()).not.toContain('edge-4');
  });
});
