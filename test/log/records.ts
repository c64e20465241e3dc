import type { AccessRecord, RequestRecord } from '../../src/log/access-record.ts';
import { LineBuffer } from '../../src/log/line-buffer.ts';

/** What a form makes of a record, as text. */
export function lineOf(
  form: { put(record: AccessRecord, into: LineBuffer): void },
  record: AccessRecord,
): string {
  // A small one, so that it has to grow.
  const into = new LineBuffer(16);
  form.put(record, into);
  return into.bytes.toString('latin1', 0, into.length);
}

export const REQUEST: RequestRecord = {
  method: 'GET',
  target: '/a?b=c',
  isHttp11: true,
  readMs: 1,
  responseMs: 4,
  status: 200,
  id: 'id-7',
  captured: [],
};

/** 1 January 2026, 12:30:05.007 where the tests run. */
export const STARTED_AT_MS = new Date(2026, 0, 1, 12, 30, 5, 7).getTime();

export const RECORD: AccessRecord = {
  startedAtMs: STARTED_AT_MS,
  clientAddress: '192.0.2.9',
  clientPort: 40_001,
  frontend: 'marathon_https_in',
  encrypted: true,
  backend: 'zdd_blue_10080',
  server: '10_0_6_25_23336',
  colour: '/zdd/blue',
  epoch: 12,
  queueMs: 2,
  connectMs: 3,
  totalMs: 10,
  bytesOut: 345,
  bytesIn: 78,
  termination: '----',
  connections: 9,
  frontendConnections: 8,
  backendInFlight: 7,
  serverInFlight: 6,
  retries: 0,
  redispatched: false,
  serverQueue: 0,
  backendQueue: 1,
  request: REQUEST,
};

export function recordOf(request: Partial<RequestRecord>, more: Partial<AccessRecord> = {}) {
  return { ...RECORD, ...more, request: { ...REQUEST, ...request } };
}
