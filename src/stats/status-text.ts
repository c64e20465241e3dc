// What a row's status reads like: HAProxy's words, with its count where a server is on its way down or up.

import type { StatRow } from './proxies.ts';

/** Where a server is going by its checks; empty = it stays what it is. */
export type Way = 'down' | 'up' | '';

export function wayOf({ kind, status, standing, check }: StatRow): Way {
  if (kind !== 'server') return '';
  if (status === 'DOWN') {
    const isRising = check !== null && !check.up && check.health > 0;
    return standing === 'starting' || isRising ? 'up' : '';
  }
  if (check === null || check.failures === 0 || check.status === 'INI') return '';
  return status !== 'MAINT' && check.health < check.rise + check.fall - 1 ? 'down' : '';
}

/** `UP`, `UP 2/3` after a failed check of three, `DOWN 1/2` after a good one of two, `MAINT` … */
export function statusText(row: StatRow): string {
  const { status, check } = row;
  const way = wayOf(row);
  if (check === null || way === '') return status;
  if (way === 'down') return `${status} ${check.health - check.rise + 1}/${check.fall}`;
  return check.health > 0 ? `${status} ${check.health}/${check.rise}` : status;
}
