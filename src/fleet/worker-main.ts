// A worker process: carries the primary's messages to the data plane. It knows nothing of Marathon;
// without a primary it stops accepting at once (the ports are wanted by the next one), finishes what
// it has and ends.

import { createLogger, type Logger, SILENT } from '../log/logger.ts';
import { DataPlane, type Prepared } from '../proxy/data-plane.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { ReportSender } from './report-changes.ts';

/** How long exchanges in flight may take to end when the primary is gone. */
const ORPHAN_DEADLINE_MS = 5_000;

let plane: DataPlane | null = null;
let log: Logger = SILENT;
let prepared: Prepared | null = null;
const reports = new ReportSender();

function say(message: FromWorker): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

function receive(message: ToWorker, handle: unknown): void {
  if (message.type === 'start') {
    log = createLogger(message.logLevel);
    plane = new DataPlane(message.settings, log);
    say({ type: 'ready' });
    return;
  }
  if (plane !== null) obey(plane, message, handle);
}

function obey(data: DataPlane, message: Exclude<ToWorker, { type: 'start' }>, handle: unknown) {
  switch (message.type) {
    case 'prepare':
      prepare(data, message);
      return;
    case 'commit':
      if (prepared?.epoch !== message.epoch) return;
      data.commit(prepared);
      prepared = null;
      say({ type: 'committed', epoch: message.epoch });
      return;
    case 'abort':
      prepared = null;
      return;
    case 'listen':
      listen(data, message.key, handle);
      return;
    case 'release':
      data.release(message.key);
      say({ type: 'released', key: message.key });
      return;
    case 'certificates':
      data.certify(message.credentials);
      return;
    case 'report':
      say({ type: 'report', id: message.id, changes: reports.changes(data.report()) });
      return;
    case 'drain':
      void data.drain(message.deadlineMs).then((cut) => say({ type: 'drained', cut }));
  }
}

function prepare(data: DataPlane, message: Extract<ToWorker, { type: 'prepare' }>): void {
  try {
    prepared = data.prepare(message.epoch, message.delta);
    say({ type: 'prepared', epoch: message.epoch });
  } catch (error) {
    prepared = null;
    const why = error instanceof Error ? error.message : String(error);
    say({ type: 'refused', epoch: message.epoch, why });
  }
}

function listen(data: DataPlane, key: string, handle: unknown): void {
  if (typeof handle !== 'object' || handle === null) {
    say({ type: 'listening', key, error: 'no socket came with the message' });
    return;
  }
  let failed = false;
  const onError = (error: string): void => {
    failed = true;
    say({ type: 'listening', key, error });
  };
  try {
    data.accept(key, handle, onError);
  } catch (error) {
    onError(error instanceof Error ? error.message : String(error));
  }
  // listen() reports its failure on the next tick.
  setImmediate(() => {
    if (!failed) say({ type: 'listening', key, error: null });
  });
}

process.on('message', (message, handle) => receive(message as ToWorker, handle));
process.on('disconnect', () => {
  if (plane === null) process.exit(0);
  else void plane.drain(ORPHAN_DEADLINE_MS).then(() => process.exit(0));
});
// A terminal sends its signals to the whole group; the primary says what is to happen.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('SIGHUP', () => {});
process.on('uncaughtException', (error) => {
  log.error(
    { err: error, stack: error.stack },
    'a worker failed and is replaced: this is a bug in Teal',
  );
  process.exit(70);
});
