// Which colour of its service a request is for. For most it is whichever is live; where requests are
// split it is the one a cookie of ours names, else the one whose turn it is; and who knows the preview
// secret may ask for any. Decided once, when the request begins: what the aim means is looked up in the
// table of the moment, so that a request that waits does not miss a cut-over.

import { timingSafeEqual } from 'node:crypto';
import type { Pool } from './pool.ts';
import type { Colour, Service } from './table.ts';

export interface Aim {
  /** Empty = whichever is live. */
  readonly appId: string;
  /** It has been asked for: whether it is live does not matter. */
  readonly previews: boolean;
}

export const LIVE: Aim = Object.freeze({ appId: '', previews: false });

/** Who asks to see a colour. */
export interface Preview {
  readonly secret: string;
  /** App id, or its last segment. */
  readonly colour: string;
}

/** What a request brings along. */
export interface Wish {
  /** Null = nothing of the kind. */
  readonly preview: Preview | null;
  /** Value of the cookie that leads back to a colour; empty = none. */
  readonly colourCookie: string;
  /** Value of the cookie that leads back to a server; empty = none. */
  readonly cookie: string;
}

/** Of a connection that says nothing before it has a server. */
export const NO_WISH: Wish = Object.freeze({ preview: null, colourCookie: '', cookie: '' });

/** What a request with `wish` is for. `secret` empty: there are no previews. */
export function aimOf(service: Service, wish: Wish, secret: string): Aim {
  const previewed = secret === '' ? null : previewIn(service, wish.preview, secret);
  if (previewed !== null) return { appId: previewed.pool.appId, previews: true };
  return shareOf(service, wish);
}

/** The colour that `aim` means now; null if none is live. */
export function colourAt({ live, colours, shares }: Service, aim: Aim): Colour | null {
  if (shares.length === 0 && !aim.previews) return live;
  const colour = colours.find(({ pool }) => pool.appId === aim.appId);
  if (colour !== undefined && (aim.previews || (colour.pool.inForce && colour.pool.serves))) {
    return colour;
  }
  return live?.pool.serves ? live : (shares.find(({ pool }) => pool.serves) ?? live);
}

/**
 * Whose policy, timeouts and rows count for a request: the colour it is for, the first one where none is
 * live; null where there is none at all.
 */
export function answerableFor(service: Service | null, aim: Aim): Colour | null {
  if (service === null) return null;
  return colourAt(service, aim) ?? service.colours[0] ?? null;
}

function shareOf({ split, shares }: Service, { colourCookie, cookie }: Wish): Aim {
  if (split === null) return LIVE;
  // A session that is older than the split stays where it is.
  let place = colourCookie === '' ? -1 : placeOf(shares, (pool) => pool.cookie === colourCookie);
  if (place === -1 && cookie !== '') {
    place = placeOf(shares, (pool) => pool.sticky && pool.serverOfCookie(cookie) !== null);
  }
  if (place === -1) place = split.next((one) => shares[one]?.pool.serves === true);
  else split.charge(place);
  return { appId: shares[place]?.pool.appId ?? '', previews: false };
}

function placeOf(shares: readonly Colour[], leadsTo: (pool: Pool) => boolean): number {
  return shares.findIndex(({ pool }) => pool.serves && leadsTo(pool));
}

function previewIn({ colours }: Service, preview: Preview | null, secret: string): Colour | null {
  if (preview === null || !isSame(preview.secret, secret)) return null;
  const { colour } = preview;
  const named = colours.find(({ pool }) => pool.appId === colour);
  return named ?? colours.find(({ pool }) => pool.appId.endsWith(`/${colour}`)) ?? null;
}

function isSame(given: string, secret: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(secret)];
  return a.length === b.length && timingSafeEqual(a, b);
}
