// `teal zdd`: what zdd.py does, with its flags, labels and exit codes. What is deployed so far is in
// Marathon's labels, so that it can be ended and gone on with anywhere.

import { readFile } from 'node:fs/promises';
import { openAccess } from '../../options/marathon-access.ts';
import { asFault, ZDD_EXIT, type ZddOptions } from '../../options/zdd-command.ts';
import { AdminClient } from './admin-client.ts';
import { stable } from './definition.ts';
import { type AppState, MarathonDesk } from './marathon-desk.ts';
import { Questions } from './questions.ts';
import { Stop } from './stop.ts';
import { type Terminal, write } from './terminal.ts';
import { deployedBefore, nextSide, readZddApp } from './zdd-definition.ts';
import { agreed, foresee, poolsOf, swap, withExit, type ZddTools } from './zdd-swap.ts';

export const ZDD_HELP = `teal zdd --marathon URL --marathon-lb URL --json FILE

What zdd.py does, by the same labels: the app of FILE becomes the other side of its
HAPROXY_DEPLOYMENT_GROUP, grows step by step, and the old side's tasks are killed once every balancer
shows them in MAINT without anything in flight; then the old app is deleted. Unlike zdd.py it asks the
balancers by task rather than by name, and before it begins; it does not wait for a drain where nothing
is to drain; the hook is called before the last tasks, too; portDefinitions are taken;
--complete-prev leads back from a version that never got healthy; and a dry run changes nothing, with
--resume and --complete-… either.`;

export const ZDD_EXIT_HELP = `Exit code 0: done; 1: somebody declined; 2: wrong usage, the hook did not agree, or a deployment is
going on; 3: flags that do not go together, or with what is deployed; 4: the definition lacks
something; 5: a balancer does not answer; 6: Marathon does not; 7: it does not create the app;
8: not delete it; 9: not scale it or kill tasks. What has been done until then stays: --resume goes on.`;

interface Terms extends Terminal {
  readonly stdin: NodeJS.ReadableStream;
}

/** Resolves with the exit code. Throws UsageError. */
export async function zdd(options: ZddOptions, terminal: Terms): Promise<number> {
  const access = asFault(() => openAccess(options.marathonAccess));
  const say = (text: string) => terminal.stderr.write(text);
  const isQuiet = options.logLevel !== 'debug' && options.logLevel !== 'info';
  const tools: ZddTools = {
    options,
    client: new AdminClient(''),
    marathon: new MarathonDesk(options.marathon, access),
    questions: new Questions(terminal.stdin, say),
    tell: isQuiet ? () => {} : (line) => say(`zdd: ${line}\n`),
  };
  for (const line of options.replaced) tools.tell(line);
  try {
    await deploy(tools, terminal);
    return ZDD_EXIT.done;
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    for (const line of error.errors) say(`teal: zdd: ${line}\n`);
    return error.exitCode;
  } finally {
    tools.questions.close();
    await Promise.all([tools.client.close(), tools.marathon.close()]);
  }
}

async function deploy(tools: ZddTools, terminal: Terminal): Promise<void> {
  const { options, marathon, tell } = tools;
  const app = readZddApp(await contentOf(options.json));
  const apps = await withExit(ZDD_EXIT.marathon, () => marathon.apps());
  const [last = null, before] = deployedBefore(apps, app.group);
  if (last !== null && before !== undefined) return goOn(tools, last, before);
  if (options.complete !== null) {
    throw new Stop(
      ZDD_EXIT.flags,
      `--complete-cur and --complete-prev are for two apps of ${app.group}; there ${last === null ? 'is none' : `is only ${last.id}`}`,
    );
  }
  const side = nextSide(app, last, options, new Date());
  await write(terminal.stdout, `${stable(side, 2)}\n`);
  const young = String(side['id']);
  if (options.dryRun) {
    const then = last === null ? '' : `, and would take over from ${last.id} step by step`;
    return tell(`${young} would be created with ${side['instances']} instances${then}`);
  }
  // A balancer that is missing is told of before anything is changed.
  if (last !== null) await poolsOf(tools, last);
  await agreed(tools, 'Continue with deployment?');
  await withExit(ZDD_EXIT.create, () => marathon.create(side));
  tell(`${young} is created with ${side['instances']} instances`);
  if (last !== null) await swap(tools, { young, old: last.id });
}

/** Two apps of the group: a deployment that was interrupted, or a pair. */
async function goOn(tools: ZddTools, last: AppState, before: AppState): Promise<void> {
  const { options, tell } = tools;
  if (options.complete === null && !options.resume) {
    throw new Stop(
      ZDD_EXIT.fault,
      `a deployment of ${last.id} beside ${before.id} is going on, or they are a pair; expected --resume, --complete-cur or --complete-prev`,
    );
  }
  const isBack = options.complete === 'previous';
  const sides = isBack ? { young: before.id, old: last.id } : { young: last.id, old: before.id };
  tell(`${sides.young} takes over from ${sides.old}`);
  if (options.dryRun) return tell(await foresee(tools, sides));
  await swap(tools, sides);
}

async function contentOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Stop(ZDD_EXIT.fault, `--json ${path}: ${reason}`);
  }
}
