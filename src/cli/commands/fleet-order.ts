// One order on every balancer, or on none: all prepare, then all commit. Where one of them fails at the
// commit, those that have committed are put back to what was live before.

import { type AdminClient, type Done, type Failure, isDone, type Order } from './admin-client.ts';
import { type Before, needsOrders, undoOf } from './undo.ts';

export interface Committed {
  /** Base URL. */
  readonly instance: string;
  /** App id that was live there before; null = nothing was. */
  readonly from: string | null;
  readonly done: Done;
}

export interface Failed {
  /** `half`: some have it and could not be put back. Else nothing is changed, or it is put back. */
  readonly kind: Failure['kind'] | 'half';
  /** The first balancer's code that refused; empty = it said none. */
  readonly code: string;
  /** One line each. */
  readonly errors: readonly string[];
}

export type Outcome = readonly Committed[] | Failed;

export function hasFailed(outcome: Outcome): outcome is Failed {
  return 'errors' in outcome;
}

interface Reply {
  readonly instance: string;
  readonly answer: Done | Failure;
}

/** `leases`: ids by instance, of whoever has some already. Never rejects. */
export async function orderOnAll(
  client: AdminClient,
  instances: readonly string[],
  order: Order,
  leases: ReadonlyMap<string, string> = new Map(),
): Promise<Outcome> {
  const prepared = await onEach(instances, (instance) =>
    client.order(instance, { ...order, phase: 'prepare', lease: leases.get(instance) ?? '' }),
  );
  const ready = new Map<string, Done>();
  for (const { instance, answer } of prepared) if (isDone(answer)) ready.set(instance, answer);
  if (ready.size < instances.length) {
    await giveBack(client, order, ready, leases);
    return { ...faultOf(prepared), errors: [...errorsOf(prepared), UNCHANGED] };
  }
  const before = await onEachBefore(client, order, ready);
  const committed = await onEach(instances, (instance) =>
    client.order(instance, {
      ...order,
      phase: 'commit',
      lease: ready.get(instance)?.lease ?? '',
    }),
  );
  if (errorsOf(committed).length > 0) {
    await giveBack(client, order, ready, leases);
    return putBack(client, order, committed, before, leases);
  }
  return committed.flatMap(({ instance, answer }) =>
    isDone(answer) ? [{ instance, from: ready.get(instance)?.live ?? null, done: answer }] : [],
  );
}

const UNCHANGED = 'nothing is changed on any balancer';

/** Between prepare and commit: what of a balancer may have to be put back. */
async function onEachBefore(
  client: AdminClient,
  order: Order,
  ready: ReadonlyMap<string, Done>,
): Promise<ReadonlyMap<string, Before>> {
  const found = await Promise.all(
    [...ready].map(async ([instance, { service, live }]): Promise<[string, Before]> => {
      const orders = needsOrders(order) ? await client.orders(instance) : null;
      return [instance, { service, live, orders }];
    }),
  );
  return new Map(found);
}

function onEach(
  instances: readonly string[],
  ask: (instance: string) => Promise<Done | Failure>,
): Promise<Reply[]> {
  return Promise.all(
    instances.map(async (instance) => ({ instance, answer: await ask(instance) })),
  );
}

/** Ends what was prepared, best effort: it ends by itself within seconds. Leases of the caller stay. */
async function giveBack(
  client: AdminClient,
  order: Order,
  ready: ReadonlyMap<string, Done>,
  leases: ReadonlyMap<string, string>,
): Promise<void> {
  const own = [...ready].filter(([instance, { lease }]) => lease !== leases.get(instance));
  await Promise.all(
    own.map(([instance, { lease }]) => client.order(instance, { ...order, phase: 'abort', lease })),
  );
}

/** Those that have it, and those that may have it, get back what was live. */
async function putBack(
  client: AdminClient,
  order: Order,
  committed: readonly Reply[],
  before: ReadonlyMap<string, Before>,
  leases: ReadonlyMap<string, string>,
): Promise<Failed> {
  const errors = [...errorsOf(committed)];
  const touched = committed.filter(({ answer }) => isDone(answer) || answer.kind === 'silent');
  let isHalf = false;
  for (const { instance, answer } of touched) {
    const was = before.get(instance);
    const undo = was === undefined ? null : undoOf(order, was, Date.now());
    const lease = leases.get(instance) ?? '';
    const undone = undo === null ? null : await client.order(instance, { ...undo, lease });
    if (undone !== null && isDone(undone)) {
      errors.push(`${instance}: put back, ${inForce(undo?.order, was)} again`);
      continue;
    }
    isHalf = true;
    const has = isDone(answer) ? 'has it' : 'may have it';
    const why = undone === null ? `${order.order} cannot be undone` : undone.error;
    errors.push(`${instance} ${has} and is not put back: ${why}; look at teal status`);
  }
  return { ...faultOf(committed), errors, ...(isHalf ? { kind: 'half' } : {}) };
}

function inForce(order: Order['order'] | undefined, was: Before | undefined): string {
  if (order === 'cutover') return `${was?.live} is in force`;
  if (order === 'release') return "Teal's own rule is in force";
  return 'what was ordered before holds';
}

function errorsOf(replies: readonly Reply[]): readonly string[] {
  return replies.flatMap(({ answer }) => (isDone(answer) ? [] : [answer.error]));
}

/** Silence weighs more: somebody has to look after it. */
function faultOf(replies: readonly Reply[]): Pick<Failed, 'kind' | 'code'> {
  const failures = replies.flatMap(({ answer }) => (isDone(answer) ? [] : [answer]));
  const first = failures.find(({ kind }) => kind === 'silent') ?? failures[0];
  return { kind: first?.kind ?? 'refused', code: first?.code ?? '' };
}
