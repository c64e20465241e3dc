// A control plane without processes: claims in, real plans and orders, workers that acknowledge or refuse.

import {
  type OrderDone,
  type OrderRefused,
  type OrderRequest,
  PLAIN_ORDER,
} from '../../src/admin/order-request.ts';
import type { Claim } from '../../src/catalogue/claim.ts';
import type { BakeOptions } from '../../src/cli/bake-watch.ts';
import { Decisions } from '../../src/cli/decisions.ts';
import { type Author, NOBODY } from '../../src/cli/order-desk.ts';
import type { Acknowledgement } from '../../src/fleet/fleet.ts';
import { type Logger, SILENT } from '../../src/log/logger.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { EMPTY_PLAN, type Plan, type ServiceSpec } from '../../src/plan/plan.ts';
import { PlanCache } from '../../src/plan/plan-cache.ts';
import type { PlanOptions } from '../../src/plan/plan-options.ts';

const OPTIONS: PlanOptions = {
  bindAddress: '*',
  httpPort: 80,
  httpsPort: 443,
  appidPort: 9091,
  statsPort: 9090,
  groupHttpsByVhost: false,
  acceptProxy: false,
};

const NO_BAKE: BakeOptions = {
  bakeMs: 0,
  maxErrorPercent: 5,
  maxSlowdownPercent: 0,
  minRequests: 10,
};

export class OrderStage {
  readonly decisions: Decisions;
  claims: readonly Claim[] = [];
  plan: Plan = EMPTY_PLAN;
  /** Claims that the plan was made of. */
  planned: readonly Claim[] = [];
  epoch = 0;
  /** What a worker says to the next publications; null = it takes them. */
  refuses: string | null = null;
  /** Nothing gets its turn any more, as where the process ends first. */
  stalls = false;
  readonly #cache = new PlanCache();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(stateFolder = '', bake: Partial<BakeOptions> = {}, log: Logger = SILENT) {
    this.decisions = new Decisions(
      {
        plan: () => this.plan,
        epoch: () => this.epoch,
        workers: () => [{ slot: 1, pid: 7, epoch: this.epoch, startedAtMs: 0, restarts: 0 }],
        inTurn: (work) => this.#inTurn(work),
        apply: (author) => this.#apply(author),
        rehearse: async () => this.#answer(),
      },
      { stateFolder, bake: { ...NO_BAKE, ...bake } },
      log,
    );
  }

  get service(): ServiceSpec {
    const [service] = this.plan.services;
    if (service === undefined) throw new Error('there is no service');
    return service;
  }

  /** Marathon says this now. */
  look(...claims: readonly Claim[]): Promise<unknown> {
    this.claims = claims;
    return this.#inTurn(() => this.#apply(NOBODY));
  }

  order(request: Pick<OrderRequest, 'order'> & Partial<OrderRequest>) {
    const service = request.order.endsWith('freeze') ? '' : '10080';
    return this.decisions.desk.carryOut({ ...PLAIN_ORDER, service, by: 'ann', ...request });
  }

  async ordered(request: Pick<OrderRequest, 'order'> & Partial<OrderRequest>): Promise<OrderDone> {
    const done = await this.order(request);
    if ('code' in done) throw new Error(`${done.code}: ${done.error}`);
    return done;
  }

  async refused(
    request: Pick<OrderRequest, 'order'> & Partial<OrderRequest>,
  ): Promise<OrderRefused> {
    const refused = await this.order(request);
    if ('code' in refused) return refused;
    throw new Error(`the order was carried out: ${JSON.stringify(refused)}`);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.stalls) return new Promise(() => {});
    const result = this.#turn.then(work, work);
    this.#turn = result.catch(() => {});
    return result;
  }

  async #apply(author: Author): Promise<Acknowledgement> {
    const nowMs = Date.now();
    const before = this.plan;
    const guidance = this.decisions.desk.guidance(nowMs);
    const { plan } = makePlan(this.claims, OPTIONS, before, nowMs, this.#cache, guidance);
    const answer = this.#answer();
    if (answer.refused !== null) return answer;
    if (plan !== before) this.epoch += 1;
    this.plan = plan;
    this.planned = this.claims;
    this.decisions.took(before, plan, { ...answer, epoch: this.epoch }, author);
    return { ...answer, epoch: this.epoch };
  }

  #answer(): Acknowledgement {
    const { epoch, refuses } = this;
    return { epoch, workers: 1, tookMs: 1, byWorker: [{ pid: 7, tookMs: 1 }], refused: refuses };
  }
}
