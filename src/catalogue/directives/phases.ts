// When HAProxy evaluates what a directive says: whatever the order in the text, all of one phase before
// all of the next.

const PHASES: Readonly<Record<string, number>> = {
  monitor: -2,
  'monitor-uri': -1,
  block: 0,
  'tcp-request': 0,
  redirect: 3,
  use_backend: 4,
  rspadd: 3,
};
const USUAL = 1;
const OF_OLD_REWRITES = 2;

export function phaseOf([word = '']: readonly string[]): number {
  const named = Object.hasOwn(PHASES, word) ? PHASES[word] : undefined;
  return named ?? (/^(?:req|rsp)/.test(word) ? OF_OLD_REWRITES : USUAL);
}

/** Names the rules that an `allow` or `accept` among them ends. */
export function rulesetOf(words: readonly string[]): string {
  const [word, stage] = words;
  return `${phaseOf(words)} ${word === 'tcp-request' ? stage : ''}`;
}
