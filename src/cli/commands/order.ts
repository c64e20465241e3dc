// `teal cutover` and the other orders: one order on all balancers, and what became of it in one line.

import { setTimeout as pause } from 'node:timers/promises';
import { openAccess } from '../../options/marathon-access.ts';
import type { OrderOptions, ScaleUp } from '../../options/order-command.ts';
import { AdminClient, type Order } from './admin-client.ts';
import { type Committed, type Failed, hasFailed, type Outcome, orderOnAll } from './fleet-order.ts';
import { findInstances } from './instances.ts';
import { FleetLease } from './lease.ts';
import { MarathonDesk, MarathonFault } from './marathon-desk.ts';
import { paintFor, type Terminal, write } from './terminal.ts';
import { untilWarm } from './warm-up.ts';

export const ORDER_EXIT = { done: 0, refused: 1, silent: 3, half: 4 } as const;

export const ORDER_HELP = `teal cutover SERVICE [COLOUR]           all new requests go to COLOUR (the other one)
teal rollback SERVICE [COLOUR]          back to the colour that was live before
teal split SERVICE COLOUR=PERCENT…      each colour gets its share of the requests
teal release SERVICE                    back to Teal's own rules
teal drain SERVICE [COLOUR]             end what is in flight on a colour that is not live
teal server SERVICE SERVER… drain       no new requests for these servers but from clients that stick to them
teal server SERVICE SERVER… maint|ready no new requests at all; back to what they were
teal freeze [--seconds N]               nothing changes hands, but to go back or where nothing else serves
teal unfreeze                           the end of it

SERVICE is a service's port, key (*:10080), app id, deployment group or host; COLOUR an app id or
its last part; SERVER a name as on the stats page (10_0_6_25_31002).`;

export const ORDER_EXIT_HELP = `An order is carried out by every balancer behind every --lb, or by none.
Exit code 0: done on all balancers; 1: refused, nothing is changed; 2: wrong usage;
3: a balancer or Marathon does not answer, nothing is changed; 4: half done, the output says where.`;

const RETRY_MS = 250;

/** Resolves with the exit code. */
export async function order(options: OrderOptions, terminal: Terminal): Promise<number> {
  const found = await findInstances(options.admin.lbs);
  if ('error' in found) {
    return fail({ kind: 'silent', code: '', errors: [found.error] }, options, terminal);
  }
  const client = new AdminClient(options.admin.token);
  try {
    const outcome = await carryOut(options, client, found.instances, terminal);
    if (hasFailed(outcome)) return await fail(outcome, options, terminal);
    const text = options.json ? asJson({ balancers: outcome }) : asText(options, outcome, terminal);
    await write(terminal.stdout, text);
    return ORDER_EXIT.done;
  } catch (error) {
    if (!(error instanceof MarathonFault)) throw error;
    return await fail({ kind: error.kind, code: '', errors: [error.message] }, options, terminal);
  } finally {
    await client.close();
  }
}

function carryOut(
  options: OrderOptions,
  client: AdminClient,
  instances: readonly string[],
  terminal: Terminal,
): Promise<Outcome> {
  return options.scaleUp === null
    ? orderOnAll(client, instances, bodyOf(options))
    : rollBackWarm(options, options.scaleUp, client, instances, terminal);
}

function bodyOf(options: OrderOptions): Order {
  const { order: kind, service, colour, shares, servers, seconds, force, by, why } = options;
  const body: Order = { order: kind, service, by, why };
  return {
    ...body,
    ...(colour === '' ? {} : { colour }),
    ...(kind === 'split' ? { shares } : {}),
    ...(kind === 'server' ? { servers } : {}),
    ...(seconds === null ? {} : { seconds }),
    ...(force ? { force } : {}),
  };
}

/** The old colour gets its instances back first; nothing else may happen to the service meanwhile. */
async function rollBackWarm(
  options: OrderOptions,
  scaleUp: ScaleUp,
  client: AdminClient,
  instances: readonly string[],
  terminal: Terminal,
): Promise<Outcome> {
  const { service, by, why } = options;
  const lease = new FleetLease(client, instances, { service, by, why: why || 'rollback' });
  const marathon = new MarathonDesk(scaleUp.marathon, openAccess(scaleUp.access));
  try {
    const situation = await lease.take();
    if ('errors' in situation) return situation;
    const { live, previous } = situation;
    const target = options.colour.startsWith('/') ? options.colour : previous;
    if (target === null || (options.colour !== '' && !options.colour.startsWith('/'))) {
      return refused(
        `${service}: name the old colour by its app id to scale it up, as in /shop-blue`,
      );
    }
    const deadlineMs = Date.now() + scaleUp.maxWaitMs;
    const tell = (line: string) => terminal.stderr.write(`${line}\n`);
    const app = await marathon.app(target);
    if (app === null) return refused(`${target} is not in Marathon any more; deploy it again`);
    const wanted = scaleUp.instances || (await instancesOf(marathon, live)) || 1;
    if (app.instances < wanted) {
      tell(`${target}: from ${app.instances} to ${wanted} instances`);
      await marathon.put(target, { instances: wanted });
    }
    const warm = await untilWarm(marathon, target, deadlineMs, tell, () => lease.keep());
    if (warm === null) {
      return refused(
        `${target} is not warm after ${scaleUp.maxWaitMs / 1_000} s; look at its tasks`,
      );
    }
    const body = { ...bodyOf(options), colour: target };
    return await untilTaken(async () => {
      await lease.keep();
      return orderOnAll(client, instances, body, lease.ids);
    }, deadlineMs);
  } finally {
    await lease.end();
    await marathon.close();
  }
}

/** Balancers see a task a moment after Marathon does. */
export async function untilTaken(
  ask: () => Promise<Outcome>,
  deadlineMs: number,
): Promise<Outcome> {
  for (;;) {
    const outcome = await ask();
    const isCold =
      hasFailed(outcome) &&
      outcome.kind === 'refused' &&
      (outcome.code === 'not_warm' || outcome.code === 'not_ready');
    if (!isCold || Date.now() >= deadlineMs) return outcome;
    await pause(RETRY_MS);
  }
}

async function instancesOf(marathon: MarathonDesk, id: string | null): Promise<number> {
  return id === null ? 0 : ((await marathon.app(id))?.instances ?? 0);
}

function refused(error: string): Failed {
  return { kind: 'refused', code: '', errors: [error] };
}

async function fail(failed: Failed, { json }: OrderOptions, terminal: Terminal): Promise<number> {
  if (json) await write(terminal.stdout, asJson(failed));
  else await write(terminal.stderr, failed.errors.map((error) => `teal: ${error}\n`).join(''));
  return ORDER_EXIT[failed.kind];
}

function asJson(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function asText(options: OrderOptions, outcome: readonly Committed[], terminal: Terminal): string {
  const paint = paintFor(terminal);
  const lines = outcome.map((committed) => {
    const { epoch, workers, tookMs, service } = committed.done;
    const what = paint(whatOf(options, committed), 'bold');
    const split = options.order === 'split' ? `, ${sharesIn(options)}` : '';
    const how = `epoch ${epoch}, ${workers} workers, ${tookMs.toFixed(1)} ms`;
    const where = service === '' ? 'all services' : service;
    return `${where} ${what}${split}  ${paint(`${committed.instance} ${how}`, 'faint')}\n`;
  });
  return lines.join('');
}

function whatOf({ order: kind, servers }: OrderOptions, { from, done }: Committed): string {
  if (kind === 'freeze') return `are frozen until ${new Date(done.untilMs).toISOString()}`;
  if (kind === 'unfreeze') return 'are not frozen';
  if (kind === 'server') {
    return Object.entries(servers)
      .map(([name, state]) => `${name} ${state}`)
      .join(', ');
  }
  const now = done.live ?? 'nothing';
  return from === done.live ? `${now} is live` : `${from ?? 'nothing'} → ${now}`;
}

function sharesIn({ shares }: OrderOptions): string {
  return Object.entries(shares)
    .map(([colour, percent]) => `${colour} ${percent} %`)
    .join(', ');
}
