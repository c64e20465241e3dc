// One order on every balancer, or on none: all prepare, then all commit. Where one of them fails at the
// commit, those that have committed are put back to what was live before.

import { type AdminClient, type Done, type Failure, isDone, type Order } from './admin-client.ts';

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
  const committed = await onEach(instances, (instance) =>
    client.order(instance, {
      ...order,
      phase: 'commit',
      lease: ready.get(instance)?.lease ?? '',
    }),
  );
  if (errorsOf(committed).length > 0) {
    await giveBack(client, order, ready, leases);
    return putBack(client, order, committed, ready, leases);
  }
  return committed.flatMap(({ instance, answer }) =>
    isDone(answer) ? [{ instance, from: ready.get(instance)?.live ?? null, done: answer }] : [],
  );
}

const UNCHANGED = 'nothing is changed on any balancer';

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
  ready: ReadonlyMap<string, Done>,
  leases: ReadonlyMap<string, string>,
): Promise<Failed> {
  const errors = [...errorsOf(committed)];
  const touched = committed.filter(({ answer }) => isDone(answer) || answer.kind === 'silent');
  let isHalf = false;
  for (const { instance, answer } of touched) {
    const live = ready.get(instance)?.live ?? null;
    const undo = undoOf(order, live, leases.get(instance) ?? '');
    const undone = undo === null ? null : await client.order(instance, undo);
    if (undone !== null && isDone(undone)) {
      errors.push(`${instance}: put back, ${live ?? "Teal's own rules"} is in force again`);
      continue;
    }
    isHalf = true;
    const has = isDone(answer) ? 'has it' : 'may have it';
    const why = undone === null ? `${order.order} cannot be undone` : undone.error;
    errors.push(`${instance} ${has} and is not put back: ${why}; look at teal status`);
  }
  return { ...faultOf(committed), errors, ...(isHalf ? { kind: 'half' } : {}) };
}

/** Null = there is nothing that undoes it. */
function undoOf(order: Order, live: string | null, lease: string): Order | null {
  const { service = '', by = '' } = order;
  if (order.order === 'drain') return null;
  const why = `${order.order} put back: another balancer did not commit`;
  return live === null
    ? { order: 'release', service, by, why, lease }
    : { order: 'cutover', service, colour: live, force: true, by, why, lease };
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
