import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkKeyAt } from '../../src/catalogue/checks.ts';
import { newState } from '../../src/health/rise-fall.ts';
import type { ColourSpec, Plan, ServerSpec } from '../../src/plan/plan.ts';
import { renderCsv } from '../../src/stats/csv.ts';
import { CSV_COLUMNS } from '../../src/stats/csv-columns.ts';
import { EVERYTHING, type StatsFilter } from '../../src/stats/filter.ts';
import { Tally } from '../../src/stats/tally.ts';
import { Uptimes } from '../../src/stats/uptimes.ts';
import type { View } from '../../src/stats/view.ts';
import { NOW_MS, row, sampleTally, sampleView } from './sample-view.ts';

const FIXTURE = readFileSync(new URL('fixtures/stats.csv', import.meta.url), 'utf8');

/** As zdd.py reads it: split at line ends and commas, nothing else. */
function parse(csv: string): Record<string, string>[] {
  const lines = csv.trimEnd().split('\n');
  expect(lines[0]?.startsWith('# ')).toBe(true);
  const names = (lines[0] as string).slice(2).split(',');
  expect(names.pop()).toBe('');
  return lines.slice(1).map((line) => {
    const values = line.split(',');
    expect(values).toHaveLength(names.length + 1);
    return Object.fromEntries(names.map((name, place) => [name, values[place] as string]));
  });
}

function rowsOf(view: View, filter: Partial<StatsFilter> = {}) {
  return parse(renderCsv(view, { ...EVERYTHING, ...filter }));
}

const named = (rows: Record<string, string>[]) =>
  rows.map((row) => `${row['pxname']}/${row['svname']} ${row['status']}`);

/** The plan with other servers in all its colours. */
function withServers(
  plan: Plan,
  of: (servers: readonly ServerSpec[]) => readonly ServerSpec[],
): Plan {
  const services = plan.services.map((service) => ({
    ...service,
    colours: service.colours.map((colour) => ({ ...colour, servers: of(colour.servers) })),
  }));
  return { ...plan, services };
}

/** Name, status and weight or number of usable servers of green's rows, changed by `change`. */
function statusesOf(change: (server: ServerSpec, place: number) => ServerSpec): unknown[] {
  const plan = withServers(sampleView().plan, (servers) => servers.map(change));
  return rowsOf(sampleView({ plan }), { scope: 'zdd_green' })
    .slice(1)
    .map(({ svname, status, weight, act }) => [
      svname,
      status,
      svname === 'BACKEND' ? act : weight,
    ]);
}

function find(pxname: string, svname: string): Record<string, string> {
  const found = rowsOf(sampleView()).find(
    (row) => row['pxname'] === pxname && row['svname'] === svname,
  );
  if (found === undefined) throw new Error(`no row ${pxname}/${svname}`);
  return found;
}

describe('the columns of the CSV', () => {
  it("are HAProxy's first 100, names and order: all that its backends and servers have", () => {
    const header = (FIXTURE.split('\n')[0] as string).slice(2).split(',');
    expect(CSV_COLUMNS).toEqual(header.slice(0, 100));
    expect(CSV_COLUMNS[87]).toBe('cache_hits');
  });

  it('are Python identifiers, each once, so that zdd.py can name its fields by them', () => {
    expect(new Set(CSV_COLUMNS).size).toBe(100);
    for (const name of CSV_COLUMNS) expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
  });

  it('end every line with a comma, and no line is empty', () => {
    const lines = renderCsv(sampleView(), EVERYTHING).split('\n');
    expect(lines.pop()).toBe('');
    for (const line of lines) expect(line).toMatch(/^.+,$/);
  });

  it("read the real HAProxy's page by the same rules", () => {
    expect(parse(FIXTURE)).toHaveLength(21);
  });
});

describe('the rows of the CSV', () => {
  it('are those of the plan in its order: frontend, servers, backend', () => {
    expect(named(rowsOf(sampleView()))).toEqual([
      'marathon_http_in/FRONTEND OPEN',
      'marathon_http_appid_in/FRONTEND OPEN',
      'zdd_blue_10080/FRONTEND OPEN',
      'zdd_blue_10080/10_0_6_21_23331 UP',
      'zdd_blue_10080/10_0_6_22_23332 UP',
      'zdd_blue_10080/10_0_6_23_23333 MAINT',
      'zdd_blue_10080/10_0_6_24_23334 MAINT',
      'zdd_blue_10080/BACKEND UP',
      'zdd_green_10080/FRONTEND OPEN',
      'zdd_green_10080/10_0_6_21_23331 UP',
      'zdd_green_10080/10_0_6_22_23332 UP',
      'zdd_green_10080/10_0_6_23_23333 UP',
      'zdd_green_10080/10_0_6_24_23334 UP',
      'zdd_green_10080/BACKEND UP',
      'search_indexer_10090/FRONTEND OPEN',
      'search_indexer_10090/10_0_6_21_23331 UP',
      'search_indexer_10090/10_0_6_22_23332 UP',
      'search_indexer_10090/10_0_6_23_23333 UP',
      'search_indexer_10090/10_0_6_24_23334 DOWN',
      'search_indexer_10090/BACKEND UP',
      'search_indexer-next_10090/FRONTEND OPEN',
      'search_indexer-next_10090/10_0_6_25_23335 DOWN',
      'search_indexer-next_10090/10_0_6_26_23336 DOWN',
      'search_indexer-next_10090/BACKEND DOWN',
    ]);
  });

  it('tell what is open on a server that drains', () => {
    expect(find('zdd_blue_10080', '10_0_6_24_23334')).toMatchObject({
      status: 'MAINT',
      qcur: '0',
      scur: '2',
      last_chk: 'draining',
      addr: '10.0.6.24:23334',
    });
  });

  it('say MAINT, exactly, of a server the plan drains, with what is open on it', () => {
    const { plan } = sampleView();
    const services = plan.services.map((service) => ({
      ...service,
      colours: service.colours.map((colour) => ({
        ...colour,
        servers: colour.servers.map((server, place) => ({
          ...server,
          admin: place === 0 ? ('maint' as const) : server.admin,
        })),
      })),
    }));
    const rows = rowsOf(sampleView({ plan: { ...plan, services } }));
    const green = rows.filter((row) => row['pxname'] === 'zdd_green_10080');
    const open = find('zdd_green_10080', '10_0_6_21_23331')['scur'];
    expect(Number(open)).toBeGreaterThan(0);
    expect(green.map((row) => [row['svname'], row['status'], row['act']])).toEqual([
      ['FRONTEND', 'OPEN', ''],
      ['10_0_6_21_23331', 'MAINT', '1'],
      ['10_0_6_22_23332', 'UP', '1'],
      ['10_0_6_23_23333', 'UP', '1'],
      ['10_0_6_24_23334', 'UP', '1'],
      ['BACKEND', 'UP', '3'],
    ]);
    expect(green[1]).toMatchObject({ scur: open, last_chk: 'draining' });
  });

  it('give a server its numbers', () => {
    expect(find('zdd_green_10080', '10_0_6_21_23331')).toMatchObject({
      type: '2',
      sid: '4000',
      iid: '4',
      pid: '1',
      weight: '1',
      act: '1',
      bck: '0',
      scur: '4',
      stot: '4427',
      lbtot: '4427',
      rate: '87',
      rate_max: '87',
      lastsess: '1',
      mode: 'http',
      rtime: '11',
      ttime: '14',
      slim: '',
      algo: '',
      req_rate: '',
    });
  });

  it('tell how many wait, how many waited at most, and how long on average', () => {
    const tally = new Tally();
    const backend = row({ timed: 10, queued: 2, queuedMax: 7, queueMs: 1_000, queueMsMax: 620 });
    const pool = {
      service: '*:10080',
      appId: '/zdd/green',
      name: 'zdd_green_10080',
      frontend: row({}),
      backend,
      draining: null,
      servers: [],
    };
    tally.update(1, { pid: 1, epoch: 12, frontends: [], pools: [pool] });
    const rows = rowsOf(sampleView({ traffic: tally.merged() }), { scope: 'zdd_green' });
    expect(rows.at(-1)).toMatchObject({
      svname: 'BACKEND',
      qcur: '2',
      qmax: '7',
      qtime: '100',
      qtime_max: '620',
    });
  });

  it("say HAProxy's words of servers that an order, a weight or a check keeps from requests", () => {
    const statuses = statusesOf((server, place) => ({
      ...server,
      admin: (['ready', 'drain', 'maint', 'ready'] as const)[place] ?? 'ready',
      weight: place === 3 ? 0 : 1,
    }));
    expect(statuses).toEqual([
      ['10_0_6_21_23331', 'UP', '1'],
      ['10_0_6_22_23332', 'DRAIN', '1'],
      ['10_0_6_23_23333', 'MAINT', '1'],
      ['10_0_6_24_23334', 'UP', '0'],
      ['BACKEND', 'UP', '1'],
    ]);
  });

  it('call a backend DOWN whose servers get none but sticky requests, as HAProxy does', () => {
    const statuses = statusesOf((server) => ({ ...server, admin: 'drain' }));
    expect(statuses.at(-1)).toEqual(['BACKEND', 'DOWN', '0']);
  });

  it.each([
    [{ up: true, health: 3, failures: 1 }, 'UP 2/3'],
    [{ up: true, health: 4, failures: 1 }, 'UP'],
    [{ up: true, health: 2, failures: 0, status: 'INI' as const }, 'UP'],
  ])('count down as HAProxy does while checks fail: %j', (state, status) => {
    const view = sampleView();
    const green = view.plan.services[0]?.colours[1] as ColourSpec;
    const [{ id } = { id: '' }] = green.servers;
    const key = checkKeyAt(green.name, id, '10.0.6.21:23331');
    const check = { ...newState({ rise: 2, fall: 3 }, 0), status: 'L7STS' as const, ...state };
    const rows = rowsOf(sampleView({ checks: new Map([[key, check]]) }), { scope: 'green' });
    expect(rows[1]).toMatchObject({ svname: '10_0_6_21_23331', status });
  });

  it('tell since when a backend has servers, how often and how long it had none', () => {
    const { plan } = sampleView();
    const uptimes = new Uptimes();
    uptimes.take(plan, NOW_MS - 100_000);
    uptimes.take(
      withServers(plan, () => []),
      NOW_MS - 60_000,
    );
    uptimes.take(
      withServers(plan, (all) => all),
      NOW_MS - 53_000,
    );
    const find = (view: View) => rowsOf(view, { scope: 'zdd_green' }).at(-1);
    const facts = ({ chkdown, lastchg, downtime }: Record<string, string> = {}) => [
      chkdown,
      lastchg,
      downtime,
    ];
    expect(facts(find(sampleView({ uptimes })))).toEqual(['1', '53', '7']);
    uptimes.take(
      withServers(plan, () => []),
      NOW_MS - 5_000,
    );
    expect(facts(find(sampleView({ uptimes })))).toEqual(['2', '5', '12']);
  });

  it('tell limits, the part of a weight while it grows, and cookies', () => {
    const { plan } = sampleView();
    const services = plan.services.map((service) => ({
      ...service,
      colours: service.colours.map((colour) => ({
        ...colour,
        balancing: { ...colour.balancing, sticky: true, maxConnections: 40 },
        servers: colour.servers.map((server) => ({ ...server, weight: 10 })),
      })),
    }));
    const tally = sampleTally();
    const { pools } = tally.merged();
    const traffic = {
      frontends: [],
      pools: pools.map((pool) => ({
        ...pool,
        servers: pool.servers.map((server) => ({ ...server, throttle: 7, cookie: 'abc' })),
      })),
    };
    const limits = { serverConnections: 9, listenerConnections: 100 };
    const view = sampleView({ plan: { ...plan, services }, traffic, limits });
    const rows = rowsOf(view, { scope: 'zdd_green' });
    expect(rows[0]).toMatchObject({ svname: 'FRONTEND', slim: String(100 * view.workers.length) });
    expect(rows[1]).toMatchObject({
      slim: '40',
      throttle: '7',
      weight: '1',
      uweight: '10',
      cookie: 'abc',
    });
    expect(rows.at(-1)).toMatchObject({ slim: '', cookie: 'mesosphere_server_id', throttle: '' });
  });

  it('count connections that were turned away as refused connections, not as requests', () => {
    const tally = new Tally();
    const frontend = { key: '*:80', name: 'in', row: row({ deniedConnections: 3 }) };
    tally.update(1, { pid: 1, epoch: 1, frontends: [frontend], pools: [] });
    const [first] = rowsOf(sampleView({ traffic: tally.merged() }));
    expect(first).toMatchObject({ dcon: '3', dreq: '0' });
  });

  it('give a backend the number of its usable servers', () => {
    expect(find('zdd_blue_10080', 'BACKEND')).toMatchObject({
      type: '1',
      sid: '0',
      act: '2',
      weight: '2',
      algo: 'roundrobin',
      hrsp_5xx: '6',
      wretr: '4',
    });
  });

  it('give weights and algorithm as the plan has them', () => {
    const view = sampleView();
    const services = view.plan.services.map((service) => ({
      ...service,
      colours: service.colours.map((colour) => ({
        ...colour,
        balancing: { ...colour.balancing, balance: { algorithm: 'leastconn' as const } },
        servers: colour.servers.map((server, place) => ({ ...server, weight: place * 10 })),
      })),
    }));
    const rows = rowsOf({ ...view, plan: { ...view.plan, services } }, { scope: 'zdd_green' });
    expect(rows.map(({ svname, weight, algo }) => [svname, weight, algo])).toEqual([
      ['FRONTEND', '', ''],
      ['10_0_6_21_23331', '0', ''],
      ['10_0_6_22_23332', '10', ''],
      ['10_0_6_23_23333', '20', ''],
      ['10_0_6_24_23334', '30', ''],
      ['BACKEND', '60', 'leastconn'],
    ]);
  });

  it('give a frontend its connections and requests', () => {
    expect(find('marathon_http_in', 'FRONTEND')).toMatchObject({
      type: '0',
      scur: '8',
      req_rate: '174',
      intercepted: '80',
      ereq: '24',
      qcur: '',
      act: '',
      lbtot: '',
    });
  });

  it('leave the http columns of a tcp service empty', () => {
    expect(find('search_indexer_10090', 'BACKEND')).toMatchObject({
      mode: 'tcp',
      stot: '168',
      hrsp_2xx: '',
      req_tot: '',
      intercepted: '',
    });
  });

  it('say -1 where there never was a session', () => {
    expect(find('search_indexer-next_10090', 'BACKEND')['lastsess']).toBe('-1');
  });

  it('show a pool that left the plan as long as exchanges run on it', () => {
    const { plan } = sampleView();
    const rows = rowsOf(sampleView({ plan: { ...plan, services: [] } }), { scope: 'green' });
    expect(named(rows)).toEqual([
      'zdd_green_10080/FRONTEND STOP',
      'zdd_green_10080/10_0_6_21_23331 MAINT',
      'zdd_green_10080/10_0_6_22_23332 MAINT',
      'zdd_green_10080/10_0_6_23_23333 MAINT',
      'zdd_green_10080/10_0_6_24_23334 MAINT',
      'zdd_green_10080/BACKEND DOWN',
    ]);
  });

  it('give a task that lost its place its past numbers', () => {
    const sample = sampleView();
    const pools = sample.traffic.pools.map((pool) => ({
      ...pool,
      servers: pool.servers.slice(1),
      past: pool.servers.slice(0, 1),
    }));
    const rows = rowsOf(sampleView({ traffic: { ...sample.traffic, pools } }), { scope: 'green' });
    expect(rows).toHaveLength(6);
    expect(rows[1]).toMatchObject({ svname: '10_0_6_21_23331', stot: '4427' });
  });

  it('show a task that moved at its new address, and at the old one as long as that drains', () => {
    const sample = sampleView();
    const pools = sample.traffic.pools.map((pool) => ({
      ...pool,
      servers: pool.servers.flatMap((server) => [{ ...server, address: '10.9.9.9:1' }, server]),
    }));
    const rows = rowsOf(sampleView({ traffic: { ...sample.traffic, pools } }), { scope: 'green' });
    expect(rows.map((row) => `${row['addr']} ${row['status']}`).slice(1, -1)).toEqual([
      '10.0.6.21:23331 UP',
      '10.0.6.22:23332 UP',
      '10.0.6.23:23333 UP',
      '10.0.6.24:23334 UP',
      ...Array.from({ length: 4 }, () => '10.9.9.9:1 MAINT'),
    ]);
  });

  it('show the plan also before a worker has reported anything', () => {
    const rows = rowsOf(sampleView({ traffic: { frontends: [], pools: [] } }));
    expect(rows).toHaveLength(23);
    expect(rows.every((row) => row['scur'] === '0' && row['stot'] === '0')).toBe(true);
  });

  it.each(['a,b', 'a"b', 'a\nb', 'a\r\nb', '#a', 'a\u2028b', "'a", 'a\u0085b', 'a\u00c5b'])(
    'hold no name that would break a blind split: %j',
    (name) => {
      const { plan } = sampleView();
      const services = plan.services.map((service) => ({
        ...service,
        colours: service.colours.map((colour) => ({
          ...colour,
          name,
          servers: colour.servers.map((server) => ({ ...server, name })),
        })),
      }));
      const csv = renderCsv(sampleView({ plan: { ...plan, services } }), EVERYTHING);
      expect(csv).toMatch(/^[\x20-\x7e\n]+$/);
      expect(csv).not.toContain('"');
      expect(csv).not.toMatch(/(^|,)'/m);
      expect(csv.slice(1)).not.toContain('#');
      expect(parse(csv).length).toBeGreaterThan(20);
    },
  );
});

describe('the filters of the CSV', () => {
  it('up: only servers that are UP', () => {
    const servers = rowsOf(sampleView(), { up: true }).filter((row) => row['type'] === '2');
    expect(servers).toHaveLength(9);
    expect(servers.every((row) => row['status'] === 'UP')).toBe(true);
  });

  it('no-maint: no server in maintenance, those DOWN stay', () => {
    const statuses = rowsOf(sampleView(), { noMaint: true }).map((row) => row['status']);
    expect(statuses).not.toContain('MAINT');
    expect(statuses).toContain('DOWN');
  });

  it('scope: only proxies whose name contains it, in any case, with their own iid', () => {
    const rows = rowsOf(sampleView(), { scope: 'GREEN' });
    expect(new Set(rows.map((row) => row['pxname']))).toEqual(new Set(['zdd_green_10080']));
    expect(new Set(rows.map((row) => row['iid']))).toEqual(new Set(['4']));
  });
});
