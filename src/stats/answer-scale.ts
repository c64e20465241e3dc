// The scale that answer times are counted on: log-linear, 32 steps from each power of two to the next, so
// that a time is known to 3 % from a microsecond to two minutes, in a few hundred buckets.

/** Steps of an octave, a power of two; below as many microseconds each has a bucket of its own. */
const STEPS = 32;
const STEP_BITS = 5;
/** 134 s in µs: what takes longer counts as that. */
const MOST_US = 2 ** 27 - 1;

export const BUCKETS = (27 - STEP_BITS + 1) * STEPS;

export function bucketOf(ms: number): number {
  const us = Math.max(0, Math.min(ms * 1_000, MOST_US)) | 0;
  if (us < STEPS) return us;
  const shift = 31 - Math.clz32(us) - STEP_BITS;
  return shift * STEPS + (us >>> shift);
}

/** The middle of a bucket, in ms. */
export function middleOf(bucket: number): number {
  return (floorOf(bucket) + floorOf(bucket + 1)) / 2_000;
}

/** The least time of a bucket, in µs. */
function floorOf(bucket: number): number {
  if (bucket < 2 * STEPS) return bucket;
  const shift = Math.floor(bucket / STEPS) - 1;
  return (bucket - shift * STEPS) * 2 ** shift;
}
