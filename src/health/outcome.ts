// What one probe found, in HAProxy's words.

/** HAProxy's check_status; INI = not probed yet, SOCKERR = the fault is on this side. */
export type CheckStatus =
  | 'INI'
  | 'SOCKERR'
  | 'L4OK'
  | 'L4TOUT'
  | 'L4CON'
  | 'L6TOUT'
  | 'L6RSP'
  | 'L7OK'
  | 'L7TOUT'
  | 'L7RSP'
  | 'L7STS';

/** Good, bad, or saying nothing of the server. */
export type Verdict = 'good' | 'bad' | 'none';

export interface Outcome {
  readonly status: CheckStatus;
  /** Status code of the answer; 0 when there was none. */
  readonly code: number;
  /** From the start of the probe until this was known. */
  readonly durationMs: number;
  /** One clause in addition to the status; may be empty. */
  readonly text: string;
}

const GOOD: ReadonlySet<CheckStatus> = new Set(['L4OK', 'L7OK']);
const SILENT: ReadonlySet<CheckStatus> = new Set(['INI', 'SOCKERR']);

/** A server is not blamed for what went wrong here (no free descriptor, no free port). */
export function verdictOf(status: CheckStatus): Verdict {
  if (GOOD.has(status)) return 'good';
  return SILENT.has(status) ? 'none' : 'bad';
}

/** check_desc. */
export const DESCRIPTIONS: Readonly<Record<CheckStatus, string>> = {
  INI: 'Initializing',
  SOCKERR: 'Socket error',
  L4OK: 'Layer4 check passed',
  L4TOUT: 'Layer4 timeout',
  L4CON: 'Layer4 connection problem',
  L6TOUT: 'Layer6 timeout',
  L6RSP: 'Layer6 invalid response',
  L7OK: 'Layer7 check passed',
  L7TOUT: 'Layer7 timeout',
  L7RSP: 'Layer7 invalid response',
  L7STS: 'Layer7 wrong status',
};
