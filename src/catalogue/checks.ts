// Which health check of an app applies to a service port, and how a server is probed by it
// (marathon-lb.md §3.8). Pure. A probe never asks more of a server than its app's own check does.

import type { MarathonApp, MarathonHealthCheck, MarathonTask } from '../marathon/app.ts';
import type { Candidate, CheckSpec, Mode } from './claim.ts';

/** What of a service port decides on its check. */
export interface CheckedPort {
  readonly portIndex: number;
  readonly mode: Mode;
  /** Service port whose check (if this one has none) and task port are used; null = its own. */
  readonly checkPortIndex: number | null;
}

/** HAProxy's default, which Marathon-LB leaves. */
const RISE = 2;
/** Marathon counts in whole seconds. */
const LEAST_MS = 1_000;
const MOST_MS = 86_400_000;
const MAX_PATH_LENGTH = 2_000;

const KINDS: Readonly<Record<string, 'http' | 'https'>> = {
  HTTP: 'http',
  MESOS_HTTP: 'http',
  HTTPS: 'https',
  MESOS_HTTPS: 'https',
};

/** The first check with a literal port, which stands for every service port, or with this index. */
export function chosenCheck(
  checks: readonly MarathonHealthCheck[],
  portIndex: number,
): MarathonHealthCheck | null {
  const chosen = checks.find(
    (one) => (one.port !== null && one.port > 0) || one.portIndex === portIndex,
  );
  return chosen ?? null;
}

/** How a task is probed, `checks` being those of its version; null when none applies to the port. */
export function checkSpecOf(
  checks: readonly MarathonHealthCheck[],
  wish: CheckedPort,
  app: MarathonApp,
  task: MarathonTask,
): CheckSpec | null {
  const { portIndex, checkPortIndex } = wish;
  const check =
    chosenCheck(checks, portIndex) ??
    (checkPortIndex === null ? null : chosenCheck(checks, checkPortIndex));
  if (check === null) return null;
  const own = portOf(app, task, checkPortIndex ?? portIndex) || portOf(app, task, portIndex);
  const literal = checkPortIndex === null ? literalPort(check, app, task) : own;
  // A command cannot be run from here; a service of mode tcp is only connected to, as by HAProxy. Nor
  // is anything asked of a port that is not known to be the one Marathon asks.
  const kind = wish.mode === 'tcp' || literal === null ? 'tcp' : (KINDS[check.protocol] ?? 'tcp');
  const intervalMs = within(check.intervalSeconds * 1_000);
  return {
    kind,
    path: kind === 'tcp' ? '' : targetOf(check.path),
    port: literal || own,
    intervalMs,
    timeoutMs: check.timeoutSeconds > 0 ? within(check.timeoutSeconds * 1_000) : intervalMs,
    rise: RISE,
    fall: check.maxConsecutiveFailures + 1,
  };
}

/** The task's port that is dialled for a service port; 0 when it has none at this index. */
export function portOf(app: MarathonApp, task: MarathonTask, portIndex: number): number {
  const ports = app.networking === 'container' ? app.containerPorts : task.ports;
  return ports[portIndex] ?? 0;
}

/** What a verdict on a server is filed under: its pool (`pxname`), task and address. */
export function checkKey(
  pool: string,
  { taskId, address, port }: Pick<Candidate, 'taskId' | 'address' | 'port'>,
): string {
  return checkKeyAt(pool, taskId, `${address}:${port}`);
}

/** The same from an address that is one text already, `ip:port`. */
export function checkKeyAt(pool: string, taskId: string, place: string): string {
  return `${pool}/${taskId} ${place}`;
}

/** The pool a key is of: a pxname has no slash. */
export function poolOfKey(key: string): string {
  return key.slice(0, key.indexOf('/'));
}

/**
 * The port a check names itself; 0 when it names none, null when it cannot be reached from outside. A
 * MESOS_ check runs inside the container, where its port is the container's.
 */
function literalPort(
  check: MarathonHealthCheck,
  app: MarathonApp,
  task: MarathonTask,
): number | null {
  const port = check.port ?? 0;
  if (port === 0 || app.networking !== 'bridge' || !check.protocol.startsWith('MESOS_')) {
    return port;
  }
  const index = app.containerPorts.indexOf(port);
  return index === -1 ? null : task.ports[index] || null;
}

function within(ms: number): number {
  return Math.min(Math.max(ms, LEAST_MS), MOST_MS);
}

/** A request target of printable ASCII, whatever was written: everything else is percent-encoded. */
function targetOf(path: string): string {
  const cut = path.slice(0, MAX_PATH_LENGTH).replace(/#.*$/s, '');
  const target = cut.startsWith('/') ? cut : `/${cut}`;
  return target.replaceAll(/[^\x21-\x7e]+/g, (piece) =>
    [...Buffer.from(piece)].map((byte) => `%${hexOf(byte)}`).join(''),
  );
}

function hexOf(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}
