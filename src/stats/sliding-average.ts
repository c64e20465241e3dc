// HAProxy's average over the last 1,024 requests (`swrate_add`), made from sums that only grow: each value
// that joins takes one 1,024th of the average's place, of the first thousand all count alike.

const SAMPLES = 1_024;

/** The average that `average`, of `samples` before, has become with `added` more of `mean` each. */
export function slidden(average: number, samples: number, added: number, mean: number): number {
  const alike = Math.min(added, Math.max(0, SAMPLES - samples));
  const early = alike === 0 ? average : (average * samples + mean * alike) / (samples + alike);
  return mean + (early - mean) * (1 - 1 / SAMPLES) ** (added - alike);
}
