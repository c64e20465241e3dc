// Regular expressions from outside: those that workers match by.

import { patternFault } from '../../pattern/pattern.ts';
import { refuse } from './refusal.ts';

const MAX_LENGTH = 1_000;

/**
 * The pattern itself if it can be carried out. What looks around or back needs an engine that a client
 * could keep busy for hours.
 */
export function checkPattern(pattern: string, ignoresCase: boolean): string {
  if (pattern.length > MAX_LENGTH) refuse(`expected a pattern of at most ${MAX_LENGTH} characters`);
  if (/\(\?(?:[=!]|<[=!])/.test(pattern) || /\\[1-9]/.test(pattern)) {
    refuse('expected a pattern without look-around and back references');
  }
  const fault = patternFault(pattern, ignoresCase);
  if (fault !== '') refuse(`expected ${fault} in place of ${pattern}`);
  return pattern;
}
