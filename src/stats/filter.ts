// What of the statistics is asked for, read from the request's URI as HAProxy does: a scan for known
// pieces after the prefix, in any order, nothing decoded, unknown text ignored.

/** Which rows are shown, and whether the page loads itself again. */
export interface StatsFilter {
  /** Only servers that are UP. */
  readonly up: boolean;
  /** No servers in MAINT. */
  readonly noMaint: boolean;
  /** Only proxies whose name contains it, in any case; empty = all. */
  readonly scope: string;
  readonly norefresh: boolean;
}

export const STATS_PREFIX = '/haproxy?stats';

export const EVERYTHING: StatsFilter = { up: false, noMaint: false, scope: '', norefresh: false };

/** HAProxy keeps no more of a scope. */
const MAX_SCOPE = 20;

/** Reads the pieces that follow STATS_PREFIX, for example `;up;scope=blue`. */
export function readFilter(pieces: string): StatsFilter {
  return {
    up: hasPiece(pieces, 'up'),
    noMaint: hasPiece(pieces, 'no-maint'),
    scope: readScope(pieces),
    norefresh: hasPiece(pieces, 'norefresh'),
  };
}

/** `&` is taken like `;`, so that a plain form can send a piece. */
export function hasPiece(pieces: string, name: string): boolean {
  return pieces.includes(`;${name}`) || pieces.includes(`&${name}`);
}

/** The URI that asks for `filter`; `format` as in `;csv`. */
export function writeUri(filter: StatsFilter, format = ''): string {
  const pieces = [
    format,
    filter.up ? 'up' : '',
    filter.noMaint ? 'no-maint' : '',
    filter.norefresh ? 'norefresh' : '',
    filter.scope === '' ? '' : `scope=${filter.scope}`,
  ];
  return STATS_PREFIX + pieces.map((piece) => (piece === '' ? '' : `;${piece}`)).join('');
}

function readScope(pieces: string): string {
  const text = /[;?&]scope=([^;& ]*)/.exec(pieces)?.[1]?.slice(0, MAX_SCOPE) ?? '';
  return /^[A-Za-z0-9_.:-]*$/.test(text) ? text : '';
}
