// The flow: a river of requests that parts into the colours, each branch as wide as its share. Geometry
// stands in attributes, so that a change of share is a change of shape, which the style sheet moves.

import { type Html, html } from './html.ts';
import type { Hue } from './page-hue.ts';

export interface Branch {
  readonly hue: Hue;
  /** 0 … 1 of the requests now. */
  readonly share: number;
  /** Where requests go by the plan, also while there are none. */
  readonly live: boolean;
}

/** One colour's column; the picture is stretched over the cards below it. */
const COLUMN = 100;
const HEIGHT = 56;
/** Width of the whole river, in columns. */
const RIVER = 0.44;
/** A dry bed: where the river would go. */
const BED = 0.012;

export function renderFlow(branches: readonly Branch[]): Html {
  const middle = (branches.length * COLUMN) / 2;
  const wet = branches.some((branch) => branch.share > 0);
  const full = RIVER * COLUMN;
  let left = middle - full / 2;
  const drawn = branches.map((branch, place) => {
    const width = wet ? branch.share * full : branch.live ? full * BED * 4 : 0;
    const from = wet ? left + width / 2 : middle;
    left += width;
    return renderBranch(branch, from, (place + 0.5) * COLUMN, width, wet);
  });
  return html`<svg class="flow" viewBox="0 0 ${branches.length * COLUMN} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">${drawn}</svg>`;
}

/** From `from` above to `to` below; a branch without water keeps a line, so that it can swell. */
function renderBranch(branch: Branch, from: number, to: number, width: number, wet: boolean): Html {
  const half = Math.max(width, BED * COLUMN) / 2;
  const bend = HEIGHT / 2;
  const side = (offset: number) => ({
    above: (from + offset).toFixed(2),
    below: (to + offset).toFixed(2),
  });
  const [left, right] = [side(-half), side(half)];
  const body = `M${left.above} 0C${left.above} ${bend} ${left.below} ${bend} ${left.below} ${HEIGHT}L${right.below} ${HEIGHT}C${right.below} ${bend} ${right.above} ${bend} ${right.above} 0Z`;
  const bed = `M${from.toFixed(2)} 0C${from.toFixed(2)} ${bend} ${to.toFixed(2)} ${bend} ${to.toFixed(2)} ${HEIGHT}`;
  const state = branch.share > 0 ? 'flowing' : !wet && branch.live ? 'waiting' : 'dry';
  return html`<g class="${branch.hue} ${state}"><path class="water" d="${body}"/><path class="stream" d="${bed}"/></g>`;
}
