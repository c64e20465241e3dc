// What of the page is asked for: HAProxy's pieces, and which services stand unfolded.

import { readFilter, type StatsFilter, writeUri } from './filter.ts';

export interface PageFilter extends StatsFilter {
  /** Keys of services shown in full where there are too many to show all so. */
  readonly open: readonly string[];
  /** What became of the form that led here, in HAProxy's word (`DONE`); empty = none did. */
  readonly outcome: string;
}

/** More than these in full are no page any more. */
export const MOST_IN_FULL = 20;

/** Reads the pieces that follow STATS_PREFIX, for example `;scope=blue;open=*:10080,*:10090`. */
export function readPageFilter(pieces: string): PageFilter {
  const open = /[;?&]open=([0-9A-Za-z*:.,[\]-]*)/.exec(pieces)?.[1] ?? '';
  return {
    ...readFilter(pieces),
    outcome: /;st=([A-Z]{4})/.exec(pieces)?.[1] ?? '',
    open: open.split(',', MOST_IN_FULL).filter((key) => key !== ''),
  };
}

/** The page's URI for `filter`. */
export function pageUri(filter: PageFilter): string {
  return writeUri(filter) + (filter.open.length === 0 ? '' : `;open=${filter.open.join(',')}`);
}
