// The form of HAProxy's stats page (haproxy.md §1.6): `s=SERVER&…&action=drain&b=BACKEND`. Pure.

/** `st=` of the 303 that follows. */
export type StatsOutcome = 'DONE' | 'PART' | 'ERRP' | 'NONE' | 'DENY' | 'EXCD';

export interface StatsForm {
  readonly action: 'ready' | 'drain' | 'maint';
  /** pxname, or `#` and its number. */
  readonly backend: string;
  /** svnames, each once; at least one. */
  readonly servers: readonly string[];
}

/** Old names mean the same. Health and agent actions have nothing to act on. */
const ACTIONS: ReadonlyMap<string, StatsForm['action']> = new Map([
  ['ready', 'ready'],
  ['drain', 'drain'],
  ['maint', 'maint'],
  ['enable', 'ready'],
  ['disable', 'maint'],
  ['start', 'ready'],
  ['stop', 'drain'],
]);

export function readStatsForm(body: string): StatsForm | 'ERRP' | 'NONE' {
  const form = new URLSearchParams(body);
  const action = ACTIONS.get(form.getAll('action').at(-1) ?? '');
  const backend = form.getAll('b').at(-1) ?? '';
  if (action === undefined || backend === '') return 'ERRP';
  const servers = [...new Set(form.getAll('s'))].filter((name) => name !== '');
  return servers.length === 0 ? 'NONE' : { action, backend, servers };
}
