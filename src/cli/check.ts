// `teal check`: what the balancer makes of every label of an app definition, before it is deployed.

import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import type { LabelOptions } from '../catalogue/catalogue-options.ts';
import { verdictsOf } from '../catalogue/verdicts.ts';
import type { MarathonApp } from '../marathon/app.ts';
import { UsageError } from '../options/usage-error.ts';
import { readDefinitions } from './app-definitions.ts';
import {
  asJson,
  asText,
  type CheckedApp,
  type CheckedFile,
  hasFault,
  visible,
} from './check-report.ts';
import { write } from './commands/terminal.ts';

/** Where the command reads and writes. */
export interface CheckPlace {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: NodeJS.WritableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export const CHECK_HELP = `  --json           the same for machines
  --strict-mode    as for a balancer with this flag
  --haproxy-map    as for a balancer with this flag

FILE is JSON: an app definition, a list, a group, or an answer of /v2/apps; - is standard input.
Exit code 0: nothing is wrong, 1: a label is wrong or a definition none, 2: a file cannot be read.`;

const UNREADABLE = 2;
const WRONG = 1;
const NOBODY =
  "without HAPROXY_GROUP only balancers with --group '*' serve it, and with HAPROXY_{n}_GROUP those of that group";

/** Checks the files and prints what it found. Throws UsageError. */
export async function check(args: readonly string[], place: CheckPlace): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help) {
    await write(place.stdout, `teal check FILE… [flags]\n\n${CHECK_HELP}\n`);
    return 0;
  }
  if (positionals.length === 0) throw new UsageError('check needs a file; - is standard input');
  const options: LabelOptions = {
    strictMode: values['strict-mode'] === true,
    hostMap: values['haproxy-map'] === true,
    templates: new Map(),
  };
  const files: CheckedFile[] = [];
  let unreadable = false;
  for (const file of positionals) {
    try {
      files.push(readChecked(file, await contentOf(file, place), options));
    } catch (error) {
      unreadable = true;
      const reason = error instanceof Error ? error.message : String(error);
      await write(place.stderr, `teal: ${visible(`${file}: ${reason}`)}\n`);
    }
  }
  const { isTTY = false, columns = 0 } = place.stdout;
  const coloured = isTTY && !place.env['NO_COLOR'];
  const look = { coloured, columns: isTTY ? columns : 0 };
  if (files.length > 0 || values.json) {
    await write(place.stdout, values.json ? asJson(files) : asText(files, look));
  }
  if (unreadable) return UNREADABLE;
  return files.some(hasFault) ? WRONG : 0;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean' },
        'strict-mode': { type: 'boolean' },
        'haproxy-map': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
      allowPositionals: true,
    });
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : '').split('\n');
    throw new UsageError(`check: ${reason.replace(/\. To specify.*/, '')}`);
  }
}

async function contentOf(file: string, { stdin }: CheckPlace): Promise<string> {
  return file === '-' ? text(stdin) : readFile(file, 'utf8');
}

/** Throws what is to be said of a file that holds no definition. */
function readChecked(file: string, content: string, options: LabelOptions): CheckedFile {
  const definitions = readDefinitions(parseJson(content));
  if (definitions === null) {
    throw new Error('expected an app definition, a list, a group or an answer of /v2/apps');
  }
  const apps = definitions.apps.map((app) => checkedApp(app, options));
  const misfits = definitions.problems.map(({ app, where, value, message }) => ({
    id: app ?? '',
    labels: [],
    faults: [`${[where, value].filter(Boolean).join(' ')}: ${message}`],
    remarks: [],
  }));
  return { file, apps: [...apps, ...misfits] };
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new Error(`expected JSON: ${error instanceof Error ? error.message : ''}`);
  }
}

function checkedApp(app: MarathonApp, options: LabelOptions): CheckedApp {
  const labels = verdictsOf(app, options);
  const remarks: string[] = [];
  if (labels.length === 0) remarks.push('no labels');
  else if (app.labels['HAPROXY_GROUP'] === undefined) remarks.push(NOBODY);
  return { id: app.id, labels, faults: [], remarks };
}
