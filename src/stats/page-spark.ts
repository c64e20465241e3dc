// A small chart of the last minutes as one inline SVG: no script draws it, so it is there without one,
// and the strictest policy takes it (geometry stands in attributes, colour in the style sheet).

import { type Html, html } from './html.ts';

const WIDTH = 180;
const HEIGHT = 36;
/** Points drawn; more than the pixels of the chart say nothing. */
const POINTS = 90;
const FOOT = HEIGHT - 1;

/**
 * `values`: oldest first, the newest stands at the right edge, whatever there are. `top`: the value at the
 * upper edge, so that charts side by side can be compared. `name` is read out in place of the picture. `over`:
 * values of the same seconds whose line is drawn above.
 */
export function renderSpark(
  values: readonly number[],
  top: number,
  name: string,
  over: readonly number[] = [],
): Html {
  const points = thin(values);
  if (points.length < 2 || top <= 0) {
    return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true"><path class="base" d="M0 ${FOOT}H${WIDTH}"/></svg>`;
  }
  const line = lineOf(points, top);
  const above = over.length > 0 && html`<path class="line over" d="${lineOf(thin(over), top)}"/>`;
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${name}"><path class="base" d="M0 ${FOOT}H${WIDTH}"/><path class="area" d="${line}V${FOOT}H${leftOf(points).toFixed(1)}Z"/><path class="line" d="${line}"/>${above}</svg>`;
}

const STEP = WIDTH / (POINTS - 1);

function leftOf(points: readonly number[]): number {
  return WIDTH - STEP * (points.length - 1);
}

function lineOf(points: readonly number[], top: number): string {
  const left = leftOf(points);
  return points
    .map((value, place) => {
      const y = FOOT - (Math.min(value, top) / top) * (FOOT - 2);
      return `${place === 0 ? 'M' : 'L'}${(left + place * STEP).toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}

/** Neighbours in twos, each pair by its larger value: a peak is never thinned away. */
function thin(values: readonly number[]): number[] {
  const size = Math.max(1, Math.ceil(values.length / POINTS));
  const points: number[] = [];
  for (let end = values.length; end > 0; end -= size) {
    points.unshift(Math.max(...values.slice(Math.max(0, end - size), end)));
  }
  return points;
}
