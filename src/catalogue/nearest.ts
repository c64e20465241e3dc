// Which of the words one knows was probably meant by one that nobody knows. Pure.

/** More slips than that are another word. */
const MAX_TYPOS = 3;

/** The known word that is at most three slips away, the first of the nearest; empty if there is none. */
export function nearestOf(wanted: string, known: Iterable<string>): string {
  let nearest = '';
  let least = MAX_TYPOS + 1;
  for (const word of known) {
    // A huge word is far from all.
    if (Math.abs(word.length - wanted.length) >= least) continue;
    const distance = editDistance(wanted, word);
    if (distance < least) {
      least = distance;
      nearest = word;
    }
  }
  return nearest;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, place) => place);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
