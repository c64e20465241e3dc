import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Exposition, labelText } from '../../src/stats/exposition.ts';
import {
  type MetricsFilter,
  readMetricsFilter,
  renderMetrics,
} from '../../src/stats/prometheus.ts';
import type { View } from '../../src/stats/view.ts';
import { sampleView } from './sample-view.ts';

const THEIRS = new Map(
  readFileSync(new URL('fixtures/metrics-types.txt', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ').slice(2) as [string, string]),
);

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A strict reader of the text format: HELP and TYPE once and first, families together, no series twice. */
function parse(text: string): { samples: Sample[]; types: Map<string, string> } {
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  const seen = new Set<string>();
  let helped = '';
  let family = '';
  expect(text.endsWith('\n')).toBe(true);
  for (const line of text.slice(0, -1).split('\n')) {
    const [, kind, name = '', rest = ''] =
      /^# (HELP|TYPE) ([a-z_:][a-z0-9_:]*) (.+)$/.exec(line) ?? [];
    if (kind === 'HELP') {
      expect(types.has(name), line).toBe(false);
      helped = name;
    } else if (kind === 'TYPE') {
      expect([name, ['gauge', 'counter', 'histogram'].includes(rest)]).toEqual([helped, true]);
      expect(rest === 'counter', name).toBe(name.endsWith('_total'));
      types.set(name, rest);
      family = name;
    } else {
      const found = /^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
      expect(found, line).not.toBeNull();
      const [, series = '', inner = '', value] = found as RegExpExecArray;
      const base =
        types.get(family) === 'histogram' ? series.replace(/_(bucket|sum|count)$/, '') : series;
      expect([base, seen.has(line.split(' ')[0] as string)]).toEqual([family, false]);
      seen.add(line.split(' ')[0] as string);
      samples.push({ name: series, labels: labelsOf(inner), value: Number(value) });
    }
  }
  return { samples, types };
}

function labelsOf(inner: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let rest = inner;
  while (rest !== '') {
    const found = /^([a-z_]+)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/.exec(rest);
    expect(found, inner).not.toBeNull();
    const [whole, name = '', value = ''] = found as RegExpExecArray;
    labels[name] = value.replaceAll('\\n', '\n').replaceAll('\\"', '"').replaceAll('\\\\', '\\');
    rest = rest.slice(whole.length);
  }
  return labels;
}

const metrics = (query = '', view: View = sampleView()) =>
  parse(renderMetrics(view, readMetricsFilter(query) as MetricsFilter));

describe('/metrics', () => {
  it("has HAProxy's names and types for what HAProxy has", () => {
    const ours = [...metrics().types].filter(([name]) => name.startsWith('haproxy_'));
    expect(ours.length).toBeGreaterThan(60);
    for (const [name, type] of ours) expect([name, type]).toEqual([name, THEIRS.get(name)]);
  });

  it('labels series by proxy and server, and says seconds where the CSV says milliseconds', () => {
    const { samples } = metrics();
    const of = (name: string) => samples.filter((one) => one.name === name);
    expect(of('haproxy_server_sessions_total')[0]?.labels).toHaveProperty('server');
    expect(Object.keys(of('haproxy_backend_sessions_total')[0]?.labels ?? {})).toEqual(['proxy']);
    const states = of('haproxy_server_status').filter((one) => one.value === 1);
    expect(states.length).toBe(
      new Set(of('haproxy_server_sessions_total').map((one) => JSON.stringify(one.labels))).size,
    );
  });

  it('tells which colour is live, of each service exactly one or none', () => {
    const view = sampleView();
    const { samples } = metrics('scope=teal', view);
    const live = samples.filter((one) => one.name === 'teal_colour_live' && one.value === 1);
    expect(live.map((one) => one.labels['app'])).toEqual(
      view.plan.services.map((service) => service.live).filter((app) => app !== null),
    );
  });

  it.each([
    ['scope=server', /^haproxy_server_/],
    ['scope=frontend', /^haproxy_frontend_/],
    ['scope=global', /^haproxy_process_/],
    ['scope=teal', /^teal_/],
    ['scope=backend&scope=global', /^haproxy_(backend|process)_/],
  ])('%s is asked for alone', (query, names) => {
    const { types } = metrics(query);
    expect(types.size).toBeGreaterThan(0);
    for (const name of types.keys()) expect(name).toMatch(names);
  });

  it("knows HAProxy's scopes that are empty here, and refuses others", () => {
    expect(readMetricsFilter('scope=sticktable')?.scopes.size).toBe(0);
    expect(readMetricsFilter('scope=*')?.scopes.size).toBe(5);
    expect(readMetricsFilter('scope=all')).toBeNull();
  });

  it('counts the servers of a backend by their status', () => {
    const states = metrics('scope=backend')
      .samples.filter(({ name }) => name === 'haproxy_backend_agg_server_status')
      .filter(({ labels }) => labels['proxy'] === 'zdd_blue_10080')
      .map(({ labels, value }) => [labels['state'], value]);
    expect(Object.fromEntries(states)).toEqual({ DOWN: 0, UP: 2, MAINT: 2, DRAIN: 0, NOLB: 0 });
  });

  it('has answer times as histograms that count up to all there are, in seconds', () => {
    const { samples } = metrics('', sampleView({ lostLogLines: 5 }));
    const of = (name: string, labels: Record<string, string>) =>
      samples.filter(
        (one) =>
          one.name === name &&
          Object.entries(labels).every(([label, value]) => one.labels[label] === value),
      );
    const labels = { service: '*:10080', app: '/zdd/blue', proxy: 'zdd_blue_10080' };
    const buckets = of('teal_answer_time_seconds_bucket', labels);
    expect(buckets.map((one) => one.labels['le']).join(' ')).toBe(
      '0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 30 +Inf',
    );
    const reports = 4;
    expect(buckets.map(({ value }) => value / reports)).toEqual([
      ...[0, 0, 0, 80, 80, 80, 98, 98, 98, 100, 100, 100, 100, 100, 100],
    ]);
    expect(of('teal_answer_time_seconds_count', labels)[0]?.value).toBe(100 * reports);
    expect(of('teal_answer_time_seconds_sum', labels)[0]?.value).toBeCloseTo(3.08 * reports);
    expect(of('teal_access_log_lost_lines_total', {})[0]?.value).toBe(5);
    expect(of('teal_cut_overs_total', { by: 'orders' })[0]?.value).toBe(2);
    const [worker] = of('teal_worker_event_loop_delay_seconds', { worker: '1' });
    expect(worker?.value).toBe(0.0125);
    expect(of('teal_worker_cpu_seconds_total', { worker: '2' })[0]?.value).toBe(61.5);
  });

  it('leaves out servers in MAINT when asked to', () => {
    const names = (query: string) =>
      metrics(query)
        .samples.filter(
          (one) => one.name === 'haproxy_server_status' && one.labels['state'] === 'MAINT',
        )
        .map((one) => one.value);
    expect(names('')).toContain(1);
    expect(names('no-maint')).not.toContain(1);
  });

  it('survives any label: quotes, backslashes and line ends are escaped', () => {
    const evil = 'a"b\\c\nd} 1\nfake 2';
    const { text } = new Exposition()
      .family('x', 'gauge', 'X.')
      .sample(labelText({ app: evil }), 1);
    expect(parse(text).samples).toEqual([{ name: 'x', labels: { app: evil }, value: 1 }]);
  });
});
