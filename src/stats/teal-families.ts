// Metrics of what HAProxy has not: colours, epochs, cut-overs, knowledge and its age.

import type { ColourSpec, ServiceSpec } from '../plan/plan.ts';
import { EDGES_MS } from './answer-times.ts';
import { type Exposition, labelText } from './exposition.ts';
import { writePeers } from './peer-families.ts';
import type { WorkerLoad } from './report.ts';
import type { MergedPool } from './tally.ts';
import type { View } from './view.ts';

const EDGES_SECONDS = EDGES_MS.map((ms) => ms / 1_000);

/** One value per colour of every service. */
type ColourMetric = readonly [
  name: string,
  help: string,
  value: (colour: ColourSpec, service: ServiceSpec) => number,
];

const COLOUR_METRICS: readonly ColourMetric[] = [
  [
    'teal_colour_live',
    '1 for the live colour of a service, 0 for its others.',
    (colour, service) => Number(colour.appId === service.live),
  ],
  [
    'teal_colour_ready',
    '1 when as many servers are usable as instances are asked for, and nothing is being deployed.',
    (colour) => Number(colour.ready),
  ],
  ['teal_colour_instances', 'Instances Marathon is asked for.', (colour) => colour.instances],
  [
    'teal_colour_usable_servers',
    'Servers that are given requests while the colour is live.',
    (colour) => colour.servers.length,
  ],
];

/** One value per worker. */
type LoadMetric = readonly [
  name: string,
  type: 'gauge' | 'counter',
  help: string,
  value: (load: WorkerLoad) => number,
];

const LOAD_METRICS: readonly LoadMetric[] = [
  [
    'teal_worker_cpu_seconds_total',
    'counter',
    'CPU time a worker has taken since it started.',
    ({ cpuMs }) => cpuMs / 1_000,
  ],
  ['teal_worker_resident_memory_bytes', 'gauge', 'Memory of a worker.', ({ rssBytes }) => rssBytes],
  [
    'teal_worker_event_loop_delay_seconds',
    'gauge',
    "Longest delay of a worker's event loop in the last 10 to 20 seconds.",
    ({ loopDelayMs }) => loopDelayMs / 1_000,
  ],
  [
    'teal_worker_connections',
    'gauge',
    'Connections of clients to a worker.',
    ({ connections }) => connections,
  ],
];

export function writeTeal(into: Exposition, view: View): void {
  const { source, plan, workers } = view;
  const gauge = (name: string, help: string, value: number, labels = ''): void => {
    into.family(name, 'gauge', help).sample(labels, value);
  };
  const counter = (name: string, help: string, value: number): void => {
    into.family(name, 'counter', help).sample('', value);
  };
  gauge('teal_build_info', 'Build, by labels.', 1, labelText({ version: view.version }));
  gauge('teal_epoch', 'Epoch of the plan in force.', view.epoch);
  into.family('teal_worker_epoch', 'gauge', 'Epoch each worker serves by.');
  for (const { slot, epoch } of workers) into.sample(labelText({ worker: String(slot) }), epoch);
  into.family('teal_worker_restarts_total', 'counter', 'Times a worker was replaced.');
  for (const { slot, restarts } of workers)
    into.sample(labelText({ worker: String(slot) }), restarts);
  writeLoads(into, view);
  for (const [name, help, value] of COLOUR_METRICS) {
    into.family(name, 'gauge', help);
    for (const service of plan.services) {
      for (const colour of service.colours) {
        const labels = { service: service.key, app: colour.appId, proxy: colour.name };
        into.sample(labelText(labels), value(colour, service));
      }
    }
  }
  into.family('teal_cut_overs_total', 'counter', 'Cut-overs since the start, by who decided.');
  for (const by of ['rules', 'orders'] as const) {
    into.sample(labelText({ by }), view.cutOvers[by]);
  }
  gauge(
    'teal_last_cut_over_seconds',
    "From the last decision in the history to its last worker's acknowledgement.",
    (view.history[0]?.tookMs ?? 0) / 1_000,
  );
  writePools(into, view);
  into.family(
    'teal_service_live_since_seconds',
    'gauge',
    'When the live colour became live, in seconds since 1970.',
  );
  for (const { key, liveSinceMs } of plan.services) {
    into.sample(labelText({ service: key }), liveSinceMs / 1_000);
  }
  counter(
    'teal_access_log_lost_lines_total',
    'Lines of the access log that could not be written.',
    view.lostLogLines,
  );
  gauge('teal_problems', 'Problems shown on the stats page.', view.problems.length);
  gauge('teal_marathon_streaming', '1 while the event stream is open.', Number(source.streaming));
  gauge('teal_marathon_failing', '1 while Marathon cannot be read.', Number(source.error !== ''));
  gauge(
    'teal_marathon_held',
    '1 while an answer is held back because it would empty pools.',
    Number(source.held),
  );
  gauge(
    'teal_marathon_last_answer_seconds',
    'Last app list that was accepted, in seconds since 1970; 0 = none yet.',
    source.lastAnswerAtMs / 1_000,
  );
  counter('teal_marathon_fetches_total', 'Questions to Marathon.', source.fetches);
  counter('teal_marathon_events_total', 'Events on the stream.', source.events);
  counter(
    'teal_marathon_reconnects_total',
    'Times the stream was opened again.',
    source.reconnects,
  );
  writePeers(into, view);
}

/** What each worker takes, and whether it keeps up. */
function writeLoads(into: Exposition, { workers }: View): void {
  for (const [name, type, help, value] of LOAD_METRICS) {
    into.family(name, type, help);
    for (const { slot, load } of workers) {
      if (load !== undefined) into.sample(labelText({ worker: String(slot) }), value(load));
    }
  }
}

/** What goes on in each colour that is known, in the plan or draining. */
function writePools(into: Exposition, { traffic }: View): void {
  const pools = traffic.pools.map((pool) => {
    const { service, appId, name } = pool;
    return { pool, labels: labelText({ service, app: appId, proxy: name }) };
  });
  const family = (
    name: string,
    type: 'gauge' | 'counter',
    help: string,
    value: (pool: MergedPool) => number,
  ): void => {
    into.family(name, type, help);
    for (const { pool, labels } of pools) into.sample(labels, value(pool));
  };
  family(
    'teal_colour_draining_exchanges',
    'gauge',
    'Exchanges and tunnels in flight on a colour that gets no more.',
    ({ draining }) => draining?.inFlight ?? 0,
  );
  family(
    'teal_exchanges_cut_total',
    'counter',
    'Exchanges and tunnels ended because their time to drain was over.',
    ({ backend }) => backend.counters.cuts,
  );
  into.family(
    'teal_answer_time_seconds',
    'histogram',
    "From a request's head until a server's answer to it began.",
  );
  for (const { pool, labels } of pools) {
    const { counts, sumMs } = pool.answers.histogram;
    into.histogram(labels, EDGES_SECONDS, counts, sumMs / 1_000);
  }
}
