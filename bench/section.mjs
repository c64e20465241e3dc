// The section of README.md that a run writes itself, between two comments.

import { readFileSync, writeFileSync } from 'node:fs';

const FILE = new URL('README.md', import.meta.url);
const BEGIN = '<!-- measured: written by `npm run bench -- --markdown` -->\n';
const END = '<!-- end of measured -->\n';

/** Puts `text` in place of what was measured before. */
export function replaceSection(text) {
  const before = readFileSync(FILE, 'utf8');
  const begin = before.indexOf(BEGIN);
  const end = before.indexOf(END);
  if (begin < 0 || end < begin) {
    throw new Error(
      `bench/README.md: expected the lines ${BEGIN}and ${END}around what was measured`,
    );
  }
  const head = before.slice(0, begin + BEGIN.length);
  writeFileSync(FILE, `${head}\n${text}\n${before.slice(end)}`);
}
