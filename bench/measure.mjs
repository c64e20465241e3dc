// One workload, turn by turn: each round loads every contestant once, so that the runs of a round share
// the same moment of the machine.

import { LINE_UPS } from './line-ups.mjs';
import { load } from './load.mjs';

/** Results by contestant, as many for each as there are rounds, and whom each is compared with. */
export async function measure(workload, { rounds, seconds }) {
  const contestants = await LINE_UPS[workload.lineUp](workload);
  const runs = new Map(contestants.map(({ name }) => [name, []]));
  // The first round warms up.
  for (let round = 0; round <= rounds; round += 1) {
    for (const contestant of contestants) {
      const result = await load(workload, contestant, round === 0 ? 1 : seconds);
      if (round > 0) runs.get(contestant.name).push(result);
    }
  }
  return { runs, beside: new Map(contestants.map(({ name, beside }) => [name, beside])) };
}
