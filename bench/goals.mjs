// What is to be reached. A goal says what it is about, and judges the runs of its workload: a value, and
// whether that is met; null where the rival it names has not run.

/** CPU time (or another field) of Teal at most `most` times the rival's. */
export function atMost(most, rival, field = 'cpuMicros') {
  const what = { cpuMicros: 'CPU time', p99: 'p99' }[field];
  return {
    says: `${what} at most ${most} × ${rival}'s`,
    judge: ({ runs }) =>
      judged(
        runs.get(rival) && ratio(runs.get('Teal'), runs.get(rival), field),
        (value) => value <= most,
      ),
  };
}

/** `some` takes at most `most` times the CPU time of `other`. */
export function costs(most, some, other) {
  return {
    says: `${some} at most ${most} × the CPU time of ${other}`,
    judge: ({ runs }) =>
      judged(ratio(runs.get(some), runs.get(other), 'cpuMicros'), (value) => value <= most),
  };
}

/** The rival takes at least `least` times Teal's CPU time. */
export function cheaper(least, rival) {
  return {
    says: `${rival} takes at least ${least} × its CPU time`,
    judge: ({ runs }) =>
      judged(
        runs.get(rival) && ratio(runs.get(rival), runs.get('Teal'), 'cpuMicros'),
        (value) => value >= least,
      ),
  };
}

/** Memory of an idle connection, in KB. */
export function smallIdle(most) {
  return {
    says: `at most ${most} KB each`,
    judge: ({ runs }) =>
      judged(median(runs.get('Teal').map((run) => run.kilobytesEach)), (value) => value <= most),
  };
}

/** Two full workers answer so many times what one does, at what a request costs in each case. */
export function scales(least) {
  return {
    says: `two workers answer at least ${least} × one`,
    judge: ({ runs }) =>
      judged(
        2 * ratio(runs.get('one worker'), runs.get('two workers'), 'cpuMicros'),
        (value) => value >= least,
      ),
  };
}

function judged(value, met) {
  return value === undefined ? null : { value, met: met(value) };
}

/** Neighbours in a round shared the same moment of the machine: the median of the rounds' ratios. */
export function ratio(some, others, field) {
  return median(some.map((run, round) => run[field] / others[round][field]));
}

export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
