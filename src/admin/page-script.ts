// The page's script: the modules the build has made of src/page, served as they are.

import { readFile } from 'node:fs/promises';
import { type Answer, refusal, script } from './answer.ts';

const PREFIX = '/_teal/page/';
/** The same folder from the sources and from the build. */
const FOLDER = new URL('../../dist/page/', import.meta.url);

/** Null = not a module of the page. */
export async function answerScript(path: string): Promise<Answer | null> {
  const name = path.startsWith(PREFIX) ? path.slice(PREFIX.length) : '';
  if (!/^[a-z-]{1,40}\.js$/.test(name)) return null;
  try {
    return script(await readFile(new URL(name, FOLDER), 'utf8'));
  } catch {
    return refusal(404, `there is no module ${name} of the page in this build`);
  }
}
