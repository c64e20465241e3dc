// Directives of HAProxy for all apps: files `HAPROXY_<TEMPLATE>` in Marathon-LB's folders, and the
// environment, which wins over them.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf } from './certificates.ts';

const FILE = /^HAPROXY_([A-Z_]+)$/;
/** Directives are read by the line; anything this large is another kind of file. */
const MAX_FILE_BYTES = 65_536;

export interface Templates {
  /** By name without `HAPROXY_`. */
  readonly texts: ReadonlyMap<string, string>;
  /** Files that could not be read, a line each. */
  readonly notices: readonly string[];
}

/** A folder that is not there has no files. */
export function readTemplates(
  folders: readonly string[],
  fromEnvironment: ReadonlyMap<string, string>,
): Templates {
  const texts = new Map<string, string>();
  const notices: string[] = [];
  for (const folder of folders) {
    for (const file of filesIn(folder)) {
      const name = FILE.exec(file)?.[1];
      if (name === undefined || fromEnvironment.has(name)) continue;
      const path = join(folder, file);
      try {
        texts.set(name, readTemplate(path));
      } catch (error) {
        notices.push(`template ${path}: ${reasonOf(error)}; it is left out`);
      }
    }
  }
  return { texts: new Map([...texts, ...fromEnvironment]), notices };
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function readTemplate(path: string): string {
  const stat = statSync(path);
  if (!stat.isFile()) throw new Error('is not a file');
  if (stat.size > MAX_FILE_BYTES) throw new Error(`is longer than ${MAX_FILE_BYTES} bytes`);
  return readFileSync(path, 'utf8');
}
