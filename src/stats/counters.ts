// The numbers behind one row of the statistics. Plain fields: the data plane adds to them without a
// call, and a row travels between processes as one array of numbers in the order of COUNTER_FIELDS.

/**
 * Order of the fields on the wire. `inFlight` and `queued` are gauges (they add up over workers),
 * `…Max` and `last…Ms` merge by maximum, everything else is a counter that only grows.
 */
export const COUNTER_FIELDS = [
  'connections',
  'inFlight',
  'inFlightMax',
  'sessions',
  'requests',
  'bytesIn',
  'bytesOut',
  'deniedConnections',
  'deniedRequests',
  'deniedResponses',
  'requestErrors',
  'connectErrors',
  'responseErrors',
  'retries',
  'redispatches',
  'responses1xx',
  'responses2xx',
  'responses3xx',
  'responses4xx',
  'responses5xx',
  'responsesOther',
  'clientAborts',
  'serverAborts',
  'picks',
  'connects',
  'reuses',
  'intercepted',
  'compressed',
  'compressionIn',
  'compressionOut',
  'lastSessionMs',
  'timed',
  'queueMs',
  'connectMs',
  'responseMs',
  'totalMs',
  'queueMsMax',
  'connectMsMax',
  'responseMsMax',
  'totalMsMax',
  'queued',
  'queuedMax',
  'cuts',
] as const;

export type CounterField = (typeof COUNTER_FIELDS)[number];

/** One row's numbers. Every time is in ms; `queueMs` … `totalMs` are sums over all that is `timed`. */
export class Counters {
  /** Client connections accepted (frontends). */
  connections = 0;
  /** Exchanges and tunnels open now (server, backend), connections open now (frontend). */
  inFlight = 0;
  inFlightMax = 0;
  /** Sessions in total: connections on frontends, exchanges and tunnels on backends and servers. */
  sessions = 0;
  /** HTTP requests. */
  requests = 0;
  /** From the client. */
  bytesIn = 0;
  /** To the client. */
  bytesOut = 0;
  /** Connections that were turned away: all places are taken. */
  deniedConnections = 0;
  deniedRequests = 0;
  deniedResponses = 0;
  /** Bad requests, client aborts and timeouts before a full request. */
  requestErrors = 0;
  connectErrors = 0;
  responseErrors = 0;
  retries = 0;
  redispatches = 0;
  responses1xx = 0;
  responses2xx = 0;
  responses3xx = 0;
  responses4xx = 0;
  responses5xx = 0;
  responsesOther = 0;
  clientAborts = 0;
  serverAborts = 0;
  /** Times chosen by the balancer. */
  picks = 0;
  /** Upstream connections opened. */
  connects = 0;
  /** Requests sent on a reused upstream connection. */
  reuses = 0;
  /** Answered by the balancer itself (redirects, monitor). */
  intercepted = 0;
  /** Responses that were compressed, and their bytes before and after. */
  compressed = 0;
  compressionIn = 0;
  compressionOut = 0;
  /** Wall clock of the last session; 0 = never. */
  lastSessionMs = 0;
  /** Exchanges that a server has answered, and tunnels, that are over. */
  timed = 0;
  queueMs = 0;
  connectMs = 0;
  responseMs = 0;
  totalMs = 0;
  /** The longest of each, in whole ms. */
  queueMsMax = 0;
  connectMsMax = 0;
  responseMsMax = 0;
  totalMsMax = 0;
  /** Requests that wait now: on a server for that one, on a backend for any. */
  queued = 0;
  queuedMax = 0;
  /** Exchanges and tunnels that were ended because their time to drain was over. */
  cuts = 0;
}

/** One row on the wire: numbers in the order of COUNTER_FIELDS; missing places count as 0. */
export type CounterRow = readonly number[];

/** Reads a row off its counters, up to the last that is not 0: most rows of a large cluster are empty. */
export function toRow(counters: Counters): number[] {
  const row = COUNTER_FIELDS.map((field) => counters[field]);
  while (row.at(-1) === 0) row.pop();
  return row;
}

/** Builds counters from a row. */
export function fromRow(row: CounterRow): Counters {
  const counters = new Counters();
  COUNTER_FIELDS.forEach((field, place) => {
    counters[field] = row[place] ?? 0;
  });
  return counters;
}

/** How a field's values of several workers become one. */
export type Merging = 'addition' | 'maximum';

export function mergingOf(field: CounterField): Merging {
  return field.endsWith('Max') || field === 'lastSessionMs' ? 'maximum' : 'addition';
}

/** Adds `row` into `sum`: maxima and last times by maximum, the rest by addition. */
export function addRow(sum: Counters, row: CounterRow): void {
  COUNTER_FIELDS.forEach((field, place) => {
    const value = row[place] ?? 0;
    if (mergingOf(field) === 'maximum') sum[field] = Math.max(sum[field], value);
    else sum[field] += value;
  });
}
