// The sections of README.md that a run writes itself, each between two comments.

import { readFileSync, writeFileSync } from 'node:fs';

const FILE = new URL('README.md', import.meta.url);
const COMMANDS = {
  measured: 'npm run bench -- --markdown',
  'measured control plane': 'npm run bench -- control --markdown',
};

/** Puts `text` in place of what was measured before; `name` is one of the two sections. */
export function replaceSection(name, text) {
  const beginMark = `<!-- ${name}: written by \`${COMMANDS[name]}\` -->
`;
  const endMark = `<!-- end of ${name} -->
`;
  const before = readFileSync(FILE, 'utf8');
  const begin = before.indexOf(beginMark);
  const end = before.indexOf(endMark);
  if (begin < 0 || end < begin) {
    throw new Error(
      `bench/README.md: expected the lines ${beginMark}and ${endMark}around what was measured`,
    );
  }
  const head = before.slice(0, begin + beginMark.length);
  writeFileSync(
    FILE,
    `${head}
${text}
${before.slice(end)}`,
  );
}
