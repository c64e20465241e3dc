// What a worker is asked on the way to an epoch, and which of its messages answers which question: late
// answers to earlier ones are told apart by what they are about.

import type { PlanDelta } from '../plan/plan.ts';
import type { SocketHandle } from './socket.ts';
import type { Answer, WorkerLink } from './worker-link.ts';

/** Refused with the worker's reason. */
export function askPrepare(
  link: WorkerLink,
  epoch: number,
  delta: PlanDelta,
  timeoutMs: number,
): Promise<Answer> {
  return link.ask(
    { type: 'prepare', epoch, delta },
    (message) => {
      if (message.type === 'prepared' && message.epoch === epoch) return 'ok';
      if (message.type === 'refused' && message.epoch === epoch) return { refused: message.why };
      return null;
    },
    timeoutMs,
  );
}

export function askCommit(link: WorkerLink, epoch: number, timeoutMs: number): Promise<Answer> {
  return link.ask(
    { type: 'commit', epoch },
    (message) => (message.type === 'committed' && message.epoch === epoch ? 'ok' : null),
    timeoutMs,
  );
}

/** Refused with the system's error. */
export function askListen(
  link: WorkerLink,
  key: string,
  handle: SocketHandle,
  timeoutMs: number,
): Promise<Answer> {
  return link.ask(
    { type: 'listen', key },
    (message) => {
      if (message.type !== 'listening' || message.key !== key) return null;
      return message.error === null ? 'ok' : { refused: message.error };
    },
    timeoutMs,
    handle,
  );
}

export function askRelease(link: WorkerLink, key: string, timeoutMs: number): Promise<Answer> {
  return link.ask(
    { type: 'release', key },
    (message) => (message.type === 'released' && message.key === key ? 'ok' : null),
    timeoutMs,
  );
}

/** Resolves with the connections it has cut; 0 when it ended first or did not answer in time. */
export async function askDrain(
  link: WorkerLink,
  deadlineMs: number,
  graceMs: number,
): Promise<number> {
  let cut = 0;
  await link.ask(
    { type: 'drain', deadlineMs },
    (message) => {
      if (message.type !== 'drained') return null;
      cut = message.cut;
      return 'ok';
    },
    deadlineMs + graceMs,
  );
  return cut;
}
