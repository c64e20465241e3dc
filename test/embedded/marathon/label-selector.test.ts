import { expect, it } from 'vitest';
import { parseLabelSelector } from '../../../src/embedded/marathon/label-selector.ts';

const labels = { env: 'prod', owner: 'zeus', 'a,b': 'x y' };

it.each([
  ['', true],
  ['env', true],
  ['nothing', false],
  ['env==prod', true],
  ['env == test', false],
  ['env!=test', true],
  ['env!=prod', false],
  ['nothing!=x', false],
  ['env in (test, prod)', true],
  ['env in (test)', false],
  ['env notin (test)', true],
  ['nothing notin (test)', false],
  ['env==prod,owner in (zeus,hera)', true],
  ['env==prod, owner==hera', false],
  [String.raw`a\,b==x\ y`, true],
])('%j selects: %s', (selector, expected) => {
  expect(parseLabelSelector(selector)(labels)).toBe(expected);
});

it.each(['==', 'a b c', 'a in b', '(', 'a==,'])('%j is refused', (selector) => {
  expect(() => parseLabelSelector(selector)).toThrow('Invalid label selector');
});
