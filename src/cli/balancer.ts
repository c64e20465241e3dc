// Wires the control plane: source → catalogue → colours → plan → fleet, and the admin page beside it.
// One look at Marathon is applied at a time, always the newest; while it runs the last plan serves.

import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { hostname } from 'node:os';
import { instanceFacts } from '../admin/peers/instance-facts.ts';
import { type Admin, startAdmin } from '../admin/server.ts';
import type { Problem } from '../catalogue/problem.ts';
import { type Acknowledgement, Fleet } from '../fleet/fleet.ts';
import type { Logger } from '../log/logger.ts';
import type { AppList, MarathonSource } from '../marathon/source.ts';
import type { ServeOptions } from '../options/serve-options.ts';
import { explain } from '../plan/explain.ts';
import type { Plan } from '../plan/plan.ts';
import { wayFinder } from '../proxy/way-finder.ts';
import type { InstanceFacts } from '../stats/peers.ts';
import { Trends } from '../stats/trend.ts';
import { Uptimes } from '../stats/uptimes.ts';
import type { CutOver, View } from '../stats/view.ts';
import { Certificates } from './certificates.ts';
import { configFacts, limitsOf } from './config-facts.ts';
import { logCutOvers } from './cut-over-log.ts';
import { Decisions } from './decisions.ts';
import { fleetOptions } from './fleet-options.ts';
import { listenerProblems, refusalProblem } from './fleet-problems.ts';
import { openSource } from './marathon-source.ts';
import { type Author, type ControlPlane, NOBODY } from './order-desk.ts';
import { OtherSources } from './other-sources.ts';
import { OwnChecks } from './own-checks.ts';
import { Peers } from './peers.ts';
import { Planner } from './planner.ts';
import { ProblemLog } from './problem-log.ts';
import { notReadyReason } from './readiness.ts';
import { StartError } from './start-error.ts';
import type { StartFiles } from './start-files.ts';
import { Turns } from './turns.ts';

const TICK_MS = 1_000;
/** A change that a worker refused is tried again after this. */
const RETRY_MS = 1_000;
/** Before the first answer. */
const NO_LIST: AppList = { apps: [], problems: [], addresses: new Map() };

export interface BalancerParts {
  readonly options: ServeOptions;
  readonly files: StartFiles;
  readonly version: string;
  readonly log: Logger;
}

export class Balancer {
  /** `cut-over` with a CutOver; `applied` with the plan in force after every look at Marathon. */
  readonly events = new EventEmitter<{ 'cut-over': [CutOver]; applied: [Plan] }>();
  readonly #parts: BalancerParts;
  readonly #fleet: Fleet;
  readonly #source: MarathonSource;
  readonly #others: OtherSources;
  readonly #certificates: Certificates;
  readonly #problemLog: ProblemLog;
  readonly #checks: OwnChecks;
  readonly #decisions: Decisions;
  readonly #planner: Planner;
  readonly #peers: Peers;
  readonly #trends = new Trends();
  readonly #uptimes = new Uptimes();
  /** Since the start. */
  readonly #cutOvers = { rules: 0, orders: 0 };
  /** Looks and orders take turns: each sees a settled plan. */
  readonly #turns = new Turns();
  readonly #startedAtMs = Date.now();
  /** Tells this process from its peers, and from the one before it. */
  readonly #id = randomUUID();
  #admin: Admin | null = null;
  #tick: NodeJS.Timeout | null = null;
  #list: AppList = NO_LIST;
  #problems: readonly Problem[] = [];
  #stale = false;
  /** A list of apps is in force. */
  #hasServed = false;
  #stopping = false;
  #retry: NodeJS.Timeout | null = null;

  constructor(parts: BalancerParts) {
    const { options, log } = parts;
    this.#parts = parts;
    this.#problemLog = new ProblemLog(log);
    this.#certificates = new Certificates(parts.files.certificates, log);
    this.#checks = new OwnChecks(options.ownChecks, log, () => this.#take(this.#list));
    const { shared } = this.#certificates.credentials;
    this.#fleet = new Fleet(fleetOptions(options, parts.files, shared), log);
    const { access, services } = parts.files;
    this.#others = new OtherSources(options, services, log, () => this.#take(this.#list));
    this.#source = openSource({ ...parts, access }, (list) => {
      this.#others.answered(list, Date.now());
      this.#take(list);
    });
    this.#planner = new Planner({
      ...parts,
      others: this.#others,
      checks: this.#checks,
      certificates: this.#certificates,
    });
    this.#peers = new Peers({ peers: options.peers, own: () => this.#instance(), log });
    const { sources, bake } = options;
    this.#decisions = new Decisions(this.#plane(), { ...sources, bake }, log);
  }

  get statsPort(): number {
    return this.#admin?.port ?? 0;
  }

  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** Workers, the stats page and the shared listeners first: whoever cannot bind fails here, at once. */
  async start(): Promise<void> {
    const { options, log } = this.#parts;
    this.#admin = await this.#startAdmin();
    await this.#fleet.start();
    await this.#turns.take(() => this.#apply(NOBODY));
    for (const listener of this.#fleet.plan.listeners) {
      const error = this.#fleet.listenerErrors.get(listener.key);
      if (error !== undefined) {
        throw new StartError(
          `cannot listen on ${listener.key} (--${listener.kind}-port): ${error}`,
        );
      }
    }
    this.#tick = setInterval(() => void this.#everySecond(), TICK_MS);
    this.#others.start();
    this.#source.start();
    this.#peers.start();
    const { marathon, groups, workers } = options;
    log.info({ marathon, groups, workers, statsPort: this.statsPort }, 'Teal is listening');
  }

  /** Everything the page shows, with the workers' numbers of this moment. */
  async view(): Promise<View> {
    await this.#fleet.gather();
    const fleet = this.#peers.view();
    return {
      ...this.#known(),
      orders: this.#decisions.desk.orders,
      leases: this.#decisions.desk.leases(Date.now()),
      history: this.#decisions.history,
      traffic: this.#fleet.tally.merged(),
      trends: this.#trends,
      uptimes: this.#uptimes,
      cutOvers: this.#cutOvers,
      limits: limitsOf(this.#parts.options),
      lostLogLines: this.#fleet.tally.lostLogLines,
      checks: this.#checks.states,
      ...(fleet === null ? {} : { fleet }),
    };
  }

  /** What is known of this instance without asking its workers. */
  #known() {
    return {
      version: this.#parts.version,
      nowMs: Date.now(),
      startedAtMs: this.#startedAtMs,
      pid: process.pid,
      node: hostname(),
      epoch: this.#fleet.epoch,
      plan: this.#fleet.plan,
      problems: this.#problems,
      source: this.#source.status(),
      workers: this.#fleet.workers,
    };
  }

  #instance(): InstanceFacts {
    const { groups, bindAddress } = this.#parts.options;
    const notReady = this.#notReady();
    return instanceFacts(this.#known(), { id: this.#id, groups, bindAddress, notReady });
  }

  /** SIGHUP: looks at all of Marathon now. */
  resync(): void {
    this.#source.resync();
  }

  /** SIGUSR1: certificates are read and the present apps put in force again, without asking Marathon. */
  reapply(): void {
    this.#certificates.look();
    this.#take(this.#list);
  }

  /** Stops accepting, lets exchanges end; resolves with the number of connections cut at the deadline. */
  async drain(deadlineMs: number): Promise<number> {
    this.#stopping = true;
    await Promise.all([this.#source.stop(), this.#others.stop(), this.#checks.stop()]);
    return this.#fleet.drain(deadlineMs);
  }

  /** Ends everything now. */
  async stop(): Promise<void> {
    if (this.#tick !== null) clearInterval(this.#tick);
    if (this.#retry !== null) clearTimeout(this.#retry);
    await Promise.all([
      this.#source.stop(),
      this.#others.stop(),
      this.#checks.stop(),
      this.#decisions.stop(),
      this.#fleet.stop(),
      this.#peers.stop(),
      this.#admin?.close(),
    ]);
  }

  async #startAdmin(): Promise<Admin> {
    const { options, files, log } = this.#parts;
    try {
      return await startAdmin({
        address: options.bindAddress,
        port: options.statsPort,
        view: () => this.view(),
        config: () => configFacts(options, this.#parts.version, this.#fleet.plan),
        orders: { desk: this.#decisions.desk, adminToken: files.adminToken },
        notReady: () => this.#notReady(),
        instance: () => this.#instance(),
        peerUrl: (name) => this.#peers.urlOf(name),
        explain: (plan, question) => explain(plan, question, wayFinder(plan)),
        signals: options.stream ? { hup: () => this.resync(), usr1: () => this.reapply() } : null,
        log,
      });
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      throw new StartError(`cannot listen on port ${options.statsPort} (--stats-port): ${cause}`);
    }
  }

  #notReady(): string {
    const known = {
      source: this.#source.status(),
      hasServed: this.#hasServed,
      stopping: this.#stopping,
      maxAgeMs: this.#parts.options.sources.maxKnowledgeAgeMs,
      startedAtMs: this.#startedAtMs,
    };
    return notReadyReason(known, Date.now());
  }

  /** What orders are carried out with. */
  #plane(): ControlPlane {
    const fleet = this.#fleet;
    return {
      plan: () => fleet.plan,
      epoch: () => fleet.epoch,
      workers: () => fleet.workers,
      inTurn: (work) => this.#turns.take(work),
      apply: (author) => this.#apply(author),
      rehearse: (guidance) =>
        fleet.rehearse(this.#planner.rehearse(fleet.plan, guidance, Date.now())),
    };
  }

  #take(list: AppList): void {
    this.#list = list;
    if (this.#stale) return;
    this.#stale = true;
    void this.#turns.take(async () => {
      if (this.#stale) await this.#apply(NOBODY);
    });
  }

  async #apply(author: Author): Promise<Acknowledgement> {
    this.#stale = false;
    const { log } = this.#parts;
    const list = this.#list;
    const nowMs = Date.now();
    const before = this.#fleet.plan;
    const guidance = this.#decisions.desk.guidance(nowMs);
    const planned = this.#planner.look(list, before, guidance, nowMs);
    void this.#fleet.certify(this.#certificates.credentials);
    const acknowledgement = await this.#fleet.publish(planned.plan);
    const refusal: Problem[] = [];
    if (acknowledgement.refused !== null) {
      refusal.push(refusalProblem(acknowledgement));
      if (this.#retry !== null) clearTimeout(this.#retry);
      this.#retry = setTimeout(() => this.#take(this.#list), RETRY_MS);
    } else {
      this.#hasServed ||= list !== NO_LIST;
      const { plan } = this.#fleet;
      const taken = this.#decisions
        .took(before, plan, acknowledgement, author)
        .filter(({ from, to }) => from !== to);
      logCutOvers(log, taken);
      for (const cutOver of taken) {
        this.#cutOvers[cutOver.order === '' ? 'rules' : 'orders'] += 1;
        this.events.emit('cut-over', cutOver);
      }
    }
    this.#problems = [...refusal, ...planned.problems, ...listenerProblems(this.#fleet)];
    this.#problemLog.update(this.#problems);
    this.#uptimes.take(this.#fleet.plan, Date.now());
    this.events.emit('applied', this.#fleet.plan);
    return acknowledgement;
  }

  async #everySecond(): Promise<void> {
    const saved = this.#others.tick(this.#source.status(), Date.now());
    if (saved !== null) this.#take({ ...saved, problems: [] });
    if (this.#certificates.look()) this.#take(this.#list);
    await this.#fleet.gather();
    this.#fleet.tally.tick();
    const traffic = this.#fleet.tally.merged();
    this.#trends.take(traffic);
    this.#checks.watchTraffic(traffic);
    const nowMs = Date.now();
    this.#decisions.tick(traffic, this.#fleet.plan, nowMs);
    if (this.#decisions.desk.hasEnded(nowMs)) this.#take(this.#list);
  }
}
