// `teal deploy`: an app definition becomes the other colour, gets the requests on all balancers, and the
// old colour is ended. Everything it goes by is in Marathon and the balancers: run again, it goes on.

import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import type { DeployOptions } from '../../options/deploy-command.ts';
import { openAccess } from '../../options/marathon-access.ts';
import { UsageError } from '../../options/usage-error.ts';
import { AdminClient } from './admin-client.ts';
import { type Definition, readDefinition } from './definition.ts';
import {
  canary,
  cutOver,
  DEPLOY_EXIT,
  drained,
  endOld,
  firstTime,
  isMadeFrom,
  release,
  type Tools,
  warmUp,
  watch,
} from './deploy-steps.ts';
import { findInstances } from './instances.ts';
import { FleetLease, LONGEST_LEASE_MS, type Situation } from './lease.ts';
import { MarathonDesk, MarathonFault } from './marathon-desk.ts';
import { Stop } from './stop.ts';
import { type Terminal, write } from './terminal.ts';

export const DEPLOY_HELP = `teal deploy FILE           an app definition in JSON; - is standard input

It becomes the colour that is not live: /shop is deployed as /shop-blue or /shop-green; a file whose
id ends in blue or green is deployed as just that. Clients use HAPROXY_0_PORT, or else its first
service port. Labels of zdd.py are left out, teal.deployment is added. Run again after an
interruption, it goes on where it was; a canary begins anew, unless the new colour had most of the
requests already: then it gets all.`;

export const DEPLOY_EXIT_HELP = `Exit code 0: deployed; 1: refused or not ready, requests go where they went; 2: wrong usage;
3: a balancer or Marathon does not answer; 4: half done, the output says where; 5: the hook did
not agree, the old colour is kept; 6: the old colour is live again.`;

const LEASE_MARGIN_MS = 2_000;

interface Terms extends Terminal {
  readonly stdin: NodeJS.ReadableStream;
}

/** Resolves with the exit code. Throws UsageError. */
export async function deploy(options: DeployOptions, terminal: Terms): Promise<number> {
  const definition = await definitionIn(options.file, terminal.stdin);
  const marathonAccess = openAccess(options.marathonAccess);
  const tell = (line: string) => terminal.stderr.write(`${line}\n`);
  const found = await findInstances(options.admin.lbs);
  if ('error' in found) {
    tell(`teal: ${found.error}`);
    return DEPLOY_EXIT.silent;
  }
  const { instances } = found;
  const client = new AdminClient(options.admin.token);
  const marathon = new MarathonDesk(options.marathon, marathonAccess);
  const { by, why } = options;
  const lease = new FleetLease(client, instances, { service: String(definition.port), by, why });
  try {
    await run({ options, definition, client, instances, marathon, lease, tell }, terminal);
    return DEPLOY_EXIT.done;
  } catch (error) {
    if (!(error instanceof Stop) && !(error instanceof MarathonFault)) throw error;
    const errors = error instanceof Stop ? error.errors : [error.message];
    for (const line of errors) tell(`teal: ${line}`);
    return error instanceof Stop ? error.exitCode : DEPLOY_EXIT[error.kind];
  } finally {
    await lease.end();
    await Promise.all([client.close(), marathon.close()]);
  }
}

async function definitionIn(file: string, stdin: NodeJS.ReadableStream): Promise<Definition> {
  let content: string;
  try {
    content = await (file === '-' ? text(stdin) : readFile(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`deploy: ${file}: ${error instanceof Error ? error.message : ''}`);
  }
  const definition = readDefinition(content);
  if (typeof definition === 'string') throw new UsageError(`deploy: ${file}: ${definition}`);
  return definition;
}

async function run(tools: Tools, terminal: Terminal): Promise<void> {
  const { options, definition, marathon, tell } = tools;
  const situation = await take(tools);
  const live = situation?.live ?? null;
  const liveApp = live === null ? null : await marathon.app(live);
  const target = targetFor(definition, live);
  const isLiveAlready = isMadeFrom(liveApp, definition) && mayBe(definition, live);
  const goal = isLiveAlready && live !== null ? live : target;
  const old = isLiveAlready ? oldBeside(goal, situation, definition) : live;
  if (goal === live && !isLiveAlready) {
    throw new Stop(
      DEPLOY_EXIT.refused,
      `${goal} is live and the file differs from it; deploy the other colour, or leave the colour out of its id`,
    );
  }
  if (options.dryRun) {
    tell(`${goal} would be deployed; ${live ?? 'nothing'} is live on port ${definition.port}`);
    await write(terminal.stdout, `${JSON.stringify({ ...definition.body, id: goal }, null, 2)}\n`);
    return;
  }
  const deadlineMs = Date.now() + options.maxWaitMs;
  await warmUp(tools, goal, deadlineMs);
  if (situation === null) await firstTime(tools, goal, deadlineMs);
  else await takeOver(tools, goal, old, !isLiveAlready);
  await write(terminal.stdout, `${goal} is deployed on port ${definition.port}\n`);
}

/** From a warm colour to the end of the old one. */
async function takeOver(tools: Tools, goal: string, old: string | null, isNew: boolean) {
  const { options, marathon, definition, tell } = tools;
  const deadlineMs = Date.now() + options.maxWaitMs;
  if (isNew && old !== null) await canary(tools, goal, old, deadlineMs);
  // Done again after an interruption: a canary may have ended with most of the requests.
  await cutOver(tools, goal, deadlineMs);
  const oldApp = old === null ? null : await marathon.app(old);
  const ends = oldApp !== null && oldApp.instances > 0;
  if (isNew || ends) await watch(tools, goal, old, options.bakeMs, true);
  if (oldApp !== null && ends) {
    await drained(tools, oldApp.id);
    await endOld(tools, (await marathon.app(oldApp.id)) ?? oldApp, goal);
  }
  // A version that is deployed again is older than the one it replaces.
  const kept = ends && options.oldColour === 'keep' ? oldApp : null;
  const newest = kept && (await marathon.app(goal));
  if (kept !== null && newest !== null && kept.configuredAtMs > newest.configuredAtMs) {
    return tell(
      `${goal} is live by order: ${kept.id} is kept and newer, and Teal's own rule would choose it; teal release ${definition.port} lets it`,
    );
  }
  await release(tools);
}

/** Null = no balancer knows the service yet. Waits for the end of another's short lease. */
async function take({ lease, tell, definition }: Tools): Promise<Situation | null> {
  const deadlineMs = Date.now() + LONGEST_LEASE_MS + LEASE_MARGIN_MS;
  let told = false;
  for (;;) {
    const situation = await lease.take();
    if (!('errors' in situation)) return situation;
    if (situation.code === 'no_such_service' && lease.ids.size === 0) return null;
    if (situation.code !== 'leased' || Date.now() >= deadlineMs) {
      throw new Stop(DEPLOY_EXIT[situation.kind], ...situation.errors, 'nothing is changed');
    }
    if (!told) tell(`port ${definition.port} is leased; waiting for the end of it`);
    told = true;
    await pause(500);
  }
}

/** The file's own colour, or the one that is not live. */
function targetFor({ id, colours, namesColour }: Definition, live: string | null): string {
  if (namesColour) return id;
  return colours[0] === live ? colours[1] : colours[0];
}

function mayBe({ id, colours, namesColour }: Definition, live: string | null): boolean {
  return namesColour ? live === id : colours.some((colour) => colour === live);
}

/** What an interrupted deployment has left behind. */
function oldBeside(goal: string, situation: Situation | null, { colours }: Definition): string {
  const other = colours[0] === goal ? colours[1] : colours[0];
  const previous = situation?.previous ?? null;
  return previous === null || previous === goal ? other : previous;
}
