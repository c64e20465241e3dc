// The view as HAProxy would list it: proxies with their FRONTEND, server and BACKEND rows, in the
// order of the plan. CSV and page are made from this one list, so they never disagree.

import { checkKeyAt } from '../catalogue/checks.ts';
import type { Mode } from '../catalogue/claim.ts';
import { isSrvTask } from '../catalogue/srv-tasks.ts';
import type { CheckState } from '../health/rise-fall.ts';
import type { ColourSpec, ServerSpec, ServiceSpec } from '../plan/plan.ts';
import { Counters } from './counters.ts';
import { EVERYTHING, type StatsFilter } from './filter.ts';
import { findPool } from './find-pool.ts';
import { type MergedRow, NO_AVERAGES } from './row-sum.ts';
import { isServing } from './serving.ts';
import type { MergedPool, MergedServer } from './tally.ts';
import type { Uptime } from './uptimes.ts';
import type { View } from './view.ts';

/**
 * HAProxy's words; `UP` and `MAINT` are compared exactly by zdd.py. `NOLB` it says after a 404 to a check
 * of `http-check disable-on-404`, which Teal has not.
 */
export type Status = 'OPEN' | 'STOP' | 'UP' | 'DOWN' | 'DRAIN' | 'MAINT';

export interface StatRow {
  readonly kind: 'frontend' | 'server' | 'backend';
  /** `FRONTEND`, `BACKEND` or the server's name. */
  readonly svname: string;
  readonly status: Status;
  /** What Marathon or the plan says of a server: `usable`, `starting`, `draining` …; empty on other rows. */
  readonly standing: string;
  /** Server id; null on other rows and where it is not known. */
  readonly numericId: number | null;
  /** `ip:port`; empty on other rows. */
  readonly address: string;
  /** Servers of the row that may be given requests: 0 or 1 on a server, their number on a backend. */
  readonly usable: number;
  /** Of a server, or of all usable ones of a backend together. */
  readonly weight: number;
  /** Per cent of its weight while it starts slowly; 100 otherwise. */
  readonly throttle: number;
  /** Most in flight, over all workers; 0 = any number, or not said here. */
  readonly limit: number;
  /** Name of the sticky cookie (backend), or its value (server); empty = none. */
  readonly cookie: string;
  readonly row: MergedRow;
  /** What Teal's own check found; null on other rows, and where there is none. */
  readonly check: CheckState | null;
  /** Of a server that Marathon does not list: who does (`Mesos-DNS`); empty on all others. */
  readonly listedBy: string;
  /** Of a backend; null on other rows, and where it is in no plan. */
  readonly uptime: Uptime | null;
}

export interface ProxyRows {
  /** Place in the whole list, from 1; the same whatever the filter. */
  readonly iid: number;
  readonly pxname: string;
  readonly mode: Mode;
  /** Service key; null for a shared frontend. */
  readonly service: string | null;
  /** Null for a shared frontend. */
  readonly appId: string | null;
  /** HAProxy's word for how its servers are chosen; empty for a shared frontend. */
  readonly algorithm: string;
  readonly rows: readonly StatRow[];
}

/** Marathon-LB's sticky cookie (src/proxy/sticky.ts). */
const SERVER_COOKIE = 'mesosphere_server_id';

const SERVING = { status: 'UP', standing: 'usable', usable: 1 } as const;
/** HAProxy leaves it UP. */
const WEIGHTLESS = { status: 'UP', standing: 'only sticky requests', usable: 0 } as const;
/** By an operator's order. */
const DRAIN = { status: 'DRAIN', standing: 'only sticky requests', usable: 0 } as const;
/** In the plan without new requests: a side of a deployment that is being replaced. */
const DRAINED = { status: 'MAINT', standing: 'draining', usable: 0 } as const;

/** Statuses of tasks that get no requests; the rest is DOWN. */
const IN_MAINTENANCE: readonly string[] = ['killing', 'draining'];

const NO_TRAFFIC: MergedRow = Object.freeze({
  counters: Object.freeze(new Counters()),
  sessionRate: 0,
  sessionRateMax: 0,
  requestRate: 0,
  requestRateMax: 0,
  averages: NO_AVERAGES,
});

/** Every proxy that `filter` leaves. */
export function listProxies(view: View, filter: StatsFilter = EVERYTHING): ProxyRows[] {
  const scope = filter.scope.toLowerCase();
  return [...sharedFrontends(view), ...colours(view), ...leftBehind(view)]
    .map((proxy, place) => ({ ...proxy, iid: place + 1 }))
    .filter((proxy) => proxy.pxname.toLowerCase().includes(scope))
    .map((proxy) => ({ ...proxy, rows: proxy.rows.filter((row) => isWanted(row, filter)) }));
}

/** The server rows of one colour: those in the plan, the unusable ones, then those that drain. */
export function serverRows(
  colour: ColourSpec,
  pool: MergedPool | undefined,
  { checks, limits }: Pick<View, 'checks' | 'limits'>,
): StatRow[] {
  const limit = colour.balancing.maxConnections || limits.serverConnections;
  const checkOf = (id: string, place: string) =>
    checks.get(checkKeyAt(colour.name, id, place)) ?? null;
  const numbers = new ServerNumbers(pool);
  const planned = colour.servers.map((server): StatRow => {
    const address = `${server.address}:${server.port}`;
    const merged = numbers.take(server.id, address);
    return {
      ...PLAIN,
      kind: 'server',
      svname: server.name,
      ...stateOf(server),
      numericId: server.numericId,
      address,
      weight: server.weight,
      throttle: merged?.throttle ?? 100,
      limit,
      cookie: merged?.cookie ?? '',
      row: merged?.row ?? NO_TRAFFIC,
      check: checkOf(server.id, address),
      listedBy: listedBy(server.id),
    };
  });
  const others = colour.others.map((task) => ({
    ...unusable(task.name, task.address, task.standing, numbers.take(task.id, task.address)?.row),
    check: checkOf(task.id, task.address),
    listedBy: listedBy(task.id),
  }));
  return [...planned, ...others, ...numbers.left().map(drainingRow)];
}

export function poolOf(view: View, service: string, appId: string): MergedPool | undefined {
  return findPool(view.traffic, service, appId);
}

type Unnumbered = Omit<ProxyRows, 'iid'>;

function sharedFrontends(view: View): Unnumbered[] {
  const numbers = new Map(view.traffic.frontends.map((one) => [one.key, one.row]));
  return view.plan.listeners
    .filter((listener) => listener.kind !== 'service')
    .map((listener) => ({
      pxname: listener.name,
      mode: listener.mode,
      service: null,
      appId: null,
      algorithm: '',
      rows: [frontend('OPEN', numbers.get(listener.key), view)],
    }));
}

function colours(view: View): Unnumbered[] {
  const pools = new Map(
    view.traffic.pools.map((pool) => [keyOf(pool.service, pool.appId), pool] as const),
  );
  return view.plan.services.flatMap((service) =>
    service.colours.map((colour) =>
      colourProxy(view, service, colour, pools.get(keyOf(service.key, colour.appId))),
    ),
  );
}

function colourProxy(
  view: View,
  service: ServiceSpec,
  colour: ColourSpec,
  pool: MergedPool | undefined,
): Unnumbered {
  return {
    pxname: colour.name,
    mode: service.mode,
    service: service.key,
    appId: colour.appId,
    algorithm: colour.balancing.balance.algorithm,
    rows: [
      frontend('OPEN', pool?.frontend, view),
      ...serverRows(colour, pool, view),
      {
        ...backend(colour.servers, pool?.backend),
        cookie: colour.balancing.sticky ? SERVER_COOKIE : '',
        uptime: view.uptimes.of(service.key, colour.appId),
      },
    ],
  };
}

/** Pools that left the plan while exchanges still run on them. */
function leftBehind(view: View): Unnumbered[] {
  const planned = view.plan.services.flatMap((service) => service.colours);
  const names = new Set(planned.map((colour) => colour.name));
  const keys = new Set(
    view.plan.services.flatMap((service) =>
      service.colours.map((colour) => keyOf(service.key, colour.appId)),
    ),
  );
  return view.traffic.pools
    .filter((pool) => !names.has(pool.name) && !keys.has(keyOf(pool.service, pool.appId)))
    .map((pool) => ({
      pxname: pool.name,
      mode: pool.backend.counters.requests === 0 ? ('tcp' as const) : ('http' as const),
      service: pool.service,
      appId: pool.appId,
      algorithm: 'roundrobin',
      rows: [
        frontend('STOP', pool.frontend, view),
        ...pool.servers.map(drainingRow),
        backend([], pool.backend),
      ],
    }));
}

/** The servers workers report or have reported for one pool, handed out to the tasks of the plan. */
class ServerNumbers {
  readonly #current: MergedServer[];
  readonly #past: readonly MergedServer[];

  constructor(pool: MergedPool | undefined) {
    this.#current = [...(pool?.servers ?? [])];
    this.#past = pool?.past ?? [];
  }

  /** A task as workers report it: at this address, before one it had. */
  take(id: string, address: string): MergedServer | undefined {
    const atAddress = this.#current.findIndex((one) => one.id === id && one.address === address);
    const place = atAddress < 0 ? this.#current.findIndex((one) => one.id === id) : atAddress;
    if (place >= 0) return this.#current.splice(place, 1)[0];
    return this.#past.find((one) => one.id === id);
  }

  /** Whom no task of the plan has taken: they left it and finish what they have. */
  left(): readonly MergedServer[] {
    return this.#current;
  }
}

function listedBy(taskId: string): string {
  return isSrvTask(taskId) ? 'Mesos-DNS' : '';
}

function drainingRow({ name, address, row }: MergedServer): StatRow {
  return unusable(name, address, 'draining', row);
}

function unusable(
  svname: string,
  address: string,
  standing: string,
  row: MergedRow | undefined,
): StatRow {
  return {
    ...PLAIN,
    kind: 'server',
    svname,
    status: IN_MAINTENANCE.includes(standing) ? 'MAINT' : 'DOWN',
    standing,
    address,
    weight: 1,
    row: row ?? NO_TRAFFIC,
  };
}

/** Each worker has as many places at a listener. */
function frontend(
  status: 'OPEN' | 'STOP',
  row: MergedRow | undefined,
  { limits, workers }: View,
): StatRow {
  return {
    ...PLAIN,
    kind: 'frontend',
    svname: 'FRONTEND',
    status,
    limit: limits.listenerConnections * workers.length,
    row: row ?? NO_TRAFFIC,
  };
}

function stateOf(server: ServerSpec): Pick<StatRow, 'status' | 'standing' | 'usable'> {
  if (server.admin === 'maint') return DRAINED;
  if (server.admin === 'drain') return DRAIN;
  return isServing(server) ? SERVING : WEIGHTLESS;
}

function backend(planned: readonly ServerSpec[], row: MergedRow | undefined): StatRow {
  const servers = planned.filter(isServing);
  return {
    ...PLAIN,
    kind: 'backend',
    svname: 'BACKEND',
    status: servers.length > 0 ? 'UP' : 'DOWN',
    usable: servers.length,
    weight: servers.reduce((sum, server) => sum + server.weight, 0),
    row: row ?? NO_TRAFFIC,
  };
}

const PLAIN = {
  standing: '',
  numericId: null,
  address: '',
  usable: 0,
  weight: 0,
  throttle: 100,
  limit: 0,
  cookie: '',
  check: null,
  listedBy: '',
  uptime: null,
} as const;

function isWanted(row: StatRow, filter: StatsFilter): boolean {
  if (row.kind !== 'server') return true;
  if (filter.up && row.status !== 'UP' && row.status !== 'DRAIN') return false;
  return !(filter.noMaint && row.status === 'MAINT');
}

function keyOf(service: string, appId: string): string {
  return `${service}\n${appId}`;
}
