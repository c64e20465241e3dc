// Keeps the orders and carries them out, one at a time: judged against the plan in force, put in force as
// an epoch on all workers, saved, and only then answered. What a worker refuses leaves nothing behind.

import type { OrderDone, OrderRefused, OrderRequest } from '../admin/order-request.ts';
import {
  direct,
  forget,
  isFrozen,
  type Orders,
  type RefusedVersion,
  refuse,
} from '../colour/orders.ts';
import type { Acknowledgement } from '../fleet/fleet.ts';
import type { Logger } from '../log/logger.ts';
import type { Guidance } from '../plan/guidance.ts';
import type { Plan } from '../plan/plan.ts';
import type { LeaseView, WorkerView } from '../stats/view.ts';
import { type Lease, Leases } from './leases.ts';
import { type Lived, Memory } from './memory.ts';
import { rule } from './order-rules.ts';
import { type Ruled, refusal, type Situation } from './order-terms.ts';
import { ServiceEpochs } from './service-epochs.ts';

/** Who decided, for the history. */
export interface Author {
  /** Kind of the order; empty = Teal by its own rules. */
  readonly order: string;
  readonly by: string;
  readonly why: string;
  /** Service that it is about; empty = all. */
  readonly service: string;
}

export const NOBODY: Author = Object.freeze({ order: '', by: '', why: '', service: '' });

/** What the desk needs of the rest of the control plane. */
export interface ControlPlane {
  /** The plan in force, and its epoch. */
  plan(): Plan;
  epoch(): number;
  workers(): readonly WorkerView[];
  /** Looks and orders take turns: each sees a settled plan. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** Puts what is known now in force, by the desk's guidance. Only in a turn. */
  apply(author: Author): Promise<Acknowledgement>;
  /** Has the workers prepare what `guidance` would make, and forget it. Only in a turn. */
  rehearse(guidance: Guidance): Promise<Acknowledgement>;
}

/** Between prepare and commit: enough for slow instances, short if one of them dies. */
const PREPARED_SECONDS = 30;
const LEASE_SECONDS = 600;

type Took = Pick<Acknowledgement, 'tookMs' | 'byWorker'>;
const UNCHANGED: Took = { tookMs: 0, byWorker: [] };

export class OrderDesk {
  readonly #plane: ControlPlane;
  readonly #save: () => Promise<void>;
  readonly #log: Logger;
  readonly #leases = new Leases();
  readonly #memory: Memory;
  readonly #changes = new ServiceEpochs();
  /** Service that its lease does not hold back at this moment; empty = none. */
  #freed = '';
  #orders: Orders;
  #guidance: Guidance;

  /** `save` resolves when the orders are on disk, as far as they are to be. */
  constructor(
    plane: ControlPlane,
    saved: { readonly orders: Orders; readonly live: ReadonlyMap<string, Lived> },
    save: () => Promise<void>,
    log: Logger,
  ) {
    this.#save = save;
    this.#plane = plane;
    this.#log = log;
    this.#orders = saved.orders;
    this.#memory = new Memory(saved.live);
    this.#guidance = this.#guide(saved.orders, Date.now(), '');
  }

  get orders(): Orders {
    return this.#orders;
  }

  /** Without their ids: who has one keeps it to themselves. */
  leases(nowMs: number): readonly LeaseView[] {
    return this.#leases.list(nowMs);
  }

  /** By service key: of services that are gone, too. */
  get remembered(): ReadonlyMap<string, Lived> {
    return this.#memory.services;
  }

  /** To make the next plan by. The same object until something of it changes. */
  guidance(nowMs: number): Guidance {
    const next = this.#guide(this.#orders, nowMs, this.#freed);
    const { orders, frozen, leased } = this.#guidance;
    const isSame = orders === next.orders && frozen === next.frozen && hasSame(leased, next.leased);
    if (!isSame) this.#guidance = next;
    return this.#guidance;
  }

  /** A freeze or lease has ended since the last plan was made: it is to be made anew. */
  hasEnded(nowMs: number): boolean {
    const { frozen, leased } = this.#guidance;
    return (
      (frozen && !isFrozen(this.#orders, nowMs)) || !hasSame(leased, this.#leases.running(nowMs))
    );
  }

  /**
   * A plan is in force: what is live is remembered, orders about what is gone are forgotten. True if
   * there is something to save.
   */
  applied(before: Plan, after: Plan, epoch: number): boolean {
    const orders = this.#orders;
    this.#changes.take(before, after, epoch);
    this.#orders = forget(orders, after.services);
    return this.#memory.take(before, after) || this.#orders !== orders;
  }

  /** Never rejects. Resolves when the order is in force on every worker and saved. */
  carryOut(request: OrderRequest): Promise<OrderDone | OrderRefused> {
    return this.#plane.inTurn(() => this.#carryOut(request));
  }

  /** Teal's own way back: the version that failed is left, and not taken again by itself. */
  leave(service: string, failed: RefusedVersion): Promise<void> {
    return this.#plane.inTurn(async () => {
      const { appId, by, why } = failed;
      const pin = this.#orders.services[service]?.pin;
      const orders = refuse(this.#orders, service, failed);
      this.#orders = pin?.appId === appId ? direct(orders, service, null) : orders;
      await this.#plane.apply({ order: 'bake', by, why, service });
      await this.#save();
    });
  }

  async #carryOut(request: OrderRequest): Promise<OrderDone | OrderRefused> {
    const nowMs = Date.now();
    const situation: Situation = {
      plan: this.#plane.plan(),
      orders: this.#orders,
      nowMs,
      livedBefore: (key) => this.#memory.livedBefore(key),
    };
    const ruled = rule(request, situation);
    if ('code' in ruled) return ruled;
    const key = ruled.service?.key ?? '';
    const past = this.#changedSince(request.ifEpoch, key);
    if (past !== null) return past;
    const lease = key === '' ? undefined : this.#leases.on(key, nowMs);
    if (lease !== undefined && lease.id !== request.lease) return leased(key, lease);
    if (request.phase === 'abort' || request.order === 'unlease') {
      this.#leases.end(key, request.lease);
      return this.#done(ruled, UNCHANGED);
    }
    if (request.order === 'lease') return this.#lease(request, ruled, nowMs);
    const freed = freedBy(request, key, lease);
    if (request.phase === 'prepare') return this.#prepare(request, ruled, freed, nowMs);
    if (request.phase === 'commit' && key !== '' && lease === undefined) {
      return refusal(
        'leased',
        `what was prepared for ${key} has expired or was never prepared here; prepare again`,
      );
    }
    const outcome = await this.#commit(request, ruled, freed);
    if (lease?.forOneOrder === true) this.#leases.end(key, lease.id);
    return outcome;
  }

  /** Whoever orders by what they saw at an epoch is refused once that is not so any more. */
  #changedSince(seen: number | null, key: string): OrderRefused | null {
    if (seen === null) return null;
    const epoch = this.#plane.epoch();
    const changed = key === '' ? epoch : this.#changes.of(key);
    if (changed <= seen && seen <= epoch) return null;
    const what =
      key === '' || seen > epoch
        ? `epoch ${epoch} is in force, not ${seen}`
        : `${key} has changed in epoch ${changed}, after ${seen}`;
    return refusal('epoch', `${what}; look again, then order by what is there now`);
  }

  #lease(request: OrderRequest, ruled: Ruled, nowMs: number): OrderDone {
    const lease = this.#take(request, ruled, request.seconds ?? LEASE_SECONDS, nowMs);
    return { ...this.#done(ruled, UNCHANGED), lease: lease.id, untilMs: lease.untilMs };
  }

  async #prepare(
    request: OrderRequest,
    ruled: Ruled,
    freed: string,
    nowMs: number,
  ): Promise<OrderDone | OrderRefused> {
    const answer = await this.#plane.rehearse(this.#guide(ruled.orders, nowMs, freed));
    if (answer.refused !== null) return workerRefusal(answer);
    if (ruled.service === null) return this.#done(ruled, answer);
    const lease = this.#take(request, ruled, PREPARED_SECONDS, nowMs);
    return { ...this.#done(ruled, answer), lease: lease.id, untilMs: lease.untilMs };
  }

  async #commit(
    request: OrderRequest,
    ruled: Ruled,
    freed: string,
  ): Promise<OrderDone | OrderRefused> {
    const before = this.#orders;
    const key = ruled.service?.key ?? '';
    const { order, by, why } = request;
    this.#orders = ruled.orders;
    this.#freed = freed;
    const answer = await this.#plane.apply({ order, by, why, service: key });
    this.#freed = '';
    const live = this.#liveOf(key);
    const hasMissed = ruled.target !== null && ruled.target !== live;
    if (answer.refused !== null || hasMissed) {
      this.#orders = before;
      await this.#plane.apply(NOBODY);
      return answer.refused !== null
        ? workerRefusal(answer)
        : refusal('not_ready', `${ruled.target} lost its last usable server just now; wait`);
    }
    await this.#save();
    this.#log.info(
      { order, service: key, by, why, live, epoch: answer.epoch },
      'order carried out',
    );
    const { freeze: until } = this.#orders;
    const done = this.#done(ruled, answer);
    return order === 'freeze' && until !== null ? { ...done, untilMs: until.untilMs } : done;
  }

  #take(
    { by, why, lease, phase }: OrderRequest,
    { service }: Ruled,
    seconds: number,
    nowMs: number,
  ) {
    const untilMs = nowMs + seconds * 1_000;
    const forOneOrder = phase === 'prepare';
    return this.#leases.take(service?.key ?? '', { by, why, untilMs, forOneOrder }, lease);
  }

  #done({ service }: Ruled, { tookMs, byWorker }: Took): OrderDone {
    const key = service?.key ?? '';
    const times = new Map(byWorker.map((one) => [one.pid, one.tookMs]));
    return {
      epoch: this.#plane.epoch(),
      tookMs,
      workers: this.#plane.workers().map(({ pid, epoch }) => {
        return { pid, epoch, tookMs: times.get(pid) ?? 0 };
      }),
      service: key,
      live: this.#liveOf(key),
      previous: this.#memory.livedBefore(key),
    };
  }

  #liveOf(key: string): string | null {
    return this.#plane.plan().services.find((service) => service.key === key)?.live ?? null;
  }

  #guide(orders: Orders, nowMs: number, freed: string): Guidance {
    const running = this.#leases.running(nowMs);
    const leased = running.has(freed) ? without(running, freed) : running;
    const frozen = isFrozen(orders, nowMs);
    return { orders, frozen, leased, remembered: this.#memory.services };
  }
}

function leased(key: string, { by, why, untilMs }: Lease): OrderRefused {
  const reason = why === '' ? '' : ` (${why})`;
  return refusal(
    'leased',
    `${key} is leased to ${by}${reason} until ${new Date(untilMs).toISOString()}; wait, or have them end it`,
  );
}

function workerRefusal({ refused }: Acknowledgement): OrderRefused {
  return refusal('worker', `${refused}; nothing is changed, try again`);
}

/**
 * The service whose lease does not hold it back while this order is carried out. A prepared order does
 * what it would have done at once; a release is carried out when Teal's own rule has decided.
 */
function freedBy({ order }: OrderRequest, key: string, lease: Lease | undefined): string {
  return order === 'release' || lease?.forOneOrder === true ? key : '';
}

function without(keys: ReadonlySet<string>, key: string): ReadonlySet<string> {
  return new Set([...keys].filter((one) => one !== key));
}

function hasSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one));
}
