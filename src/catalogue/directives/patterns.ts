// Regular expressions from outside: those that can be matched in linear time by any engine.

import { refuse } from './refusal.ts';

const MAX_LENGTH = 1_000;

/**
 * The pattern itself if it can be carried out. What looks around or back needs an engine that a client
 * could keep busy for hours.
 */
export function checkPattern(pattern: string): string {
  if (pattern.length > MAX_LENGTH) refuse(`expected a pattern of at most ${MAX_LENGTH} characters`);
  if (/\(\?(?:[=!]|<[=!])/.test(pattern) || /\\[1-9]/.test(pattern)) {
    refuse('expected a pattern without look-around and back references');
  }
  try {
    // Without regard to case: a prefix that JavaScript does not know.
    new RegExp(pattern.replace(/^\(\?i\)/, ''));
  } catch {
    refuse(`expected a regular expression, not ${pattern}`);
  }
  return pattern;
}
