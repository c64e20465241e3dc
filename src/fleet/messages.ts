// What the primary and its workers say to each other. Order is kept by the channel; every request
// that wants an answer names what it is about, so that late answers are told from current ones.

import type { LogLevel } from '../log/logger.ts';
import type { PlanDelta } from '../plan/plan.ts';
import type { Credentials } from '../proxy/credentials.ts';
import type { ProxySettings } from '../proxy/settings.ts';
import type { ReportChanges } from './report-changes.ts';

export type ToWorker =
  /** First message: builds the data plane. */
  | { readonly type: 'start'; readonly settings: ProxySettings; readonly logLevel: LogLevel }
  /** Build the table of `epoch` beside the one in force. */
  | { readonly type: 'prepare'; readonly epoch: number; readonly delta: PlanDelta }
  /** Put the prepared table in force. */
  | { readonly type: 'commit'; readonly epoch: number }
  /** Forget the prepared table. */
  | { readonly type: 'abort'; readonly epoch: number }
  /** Accept on the socket that comes with the message. */
  | { readonly type: 'listen'; readonly key: string }
  /** Stop accepting on a listener. */
  | { readonly type: 'release'; readonly key: string }
  /** Use these for new handshakes. Holds keys: never to be logged. */
  | { readonly type: 'certificates'; readonly credentials: Credentials }
  | { readonly type: 'report'; readonly id: number }
  | { readonly type: 'drain'; readonly deadlineMs: number };

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'prepared'; readonly epoch: number }
  | { readonly type: 'refused'; readonly epoch: number; readonly why: string }
  | { readonly type: 'committed'; readonly epoch: number }
  /** `error` is one clause; null when the socket is accepting. */
  | { readonly type: 'listening'; readonly key: string; readonly error: string | null }
  | { readonly type: 'released'; readonly key: string }
  | { readonly type: 'report'; readonly id: number; readonly changes: ReportChanges }
  | { readonly type: 'drained'; readonly cut: number };
