// What of the page is asked for: HAProxy's pieces, and which services stand unfolded.

import { hasPiece, readFilter, type StatsFilter, writeUri } from './filter.ts';

export interface PageFilter extends StatsFilter {
  /** Keys of services shown in full where there are too many to show all so. */
  readonly open: readonly string[];
  /** What became of the form that led here, in HAProxy's word (`DONE`); empty = none did. */
  readonly outcome: string;
  /** It is seen through another instance. */
  readonly isThrough?: boolean;
}

/** The piece that says so. */
export const THROUGH = 'through';

/** More than these in full are no page any more. */
export const MOST_IN_FULL = 20;

/** Reads the pieces that follow STATS_PREFIX, for example `;scope=blue;open=*:10080,*:10090`. */
export function readPageFilter(pieces: string): PageFilter {
  const open = /[;?&]open=([0-9A-Za-z*:.,[\]-]*)/.exec(pieces)?.[1] ?? '';
  return {
    ...readFilter(pieces),
    outcome: /;st=([A-Z]{4})/.exec(pieces)?.[1] ?? '',
    ...(hasPiece(pieces, THROUGH) ? { isThrough: true } : {}),
    open: open.split(',', MOST_IN_FULL).filter((key) => key !== ''),
  };
}

/** A path of the stats port as the page refers to it: it may stand below a prefix, at a peer's. */
export function linkTo(path: string): string {
  return path.slice(1);
}

/** The page for `filter`, as a link on it. */
export function pageUri(filter: PageFilter): string {
  const open = filter.open.length === 0 ? '' : `;open=${filter.open.join(',')}`;
  return linkTo(writeUri(filter)) + open;
}
