// Wires the control plane: source → catalogue → colours → plan → fleet, and the admin page beside it.
// One look at Marathon is applied at a time, always the newest; while it runs the last plan serves.

import { EventEmitter } from 'node:events';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Admin, startAdmin } from '../admin/server.ts';
import { makeCatalogue } from '../catalogue/catalogue.ts';
import { CatalogueCache } from '../catalogue/catalogue-cache.ts';
import { type CheckHistory, NO_HISTORY, rememberChecks } from '../catalogue/check-history.ts';
import type { Problem } from '../catalogue/problem.ts';
import { GroupCache, joinGroups } from '../colour/deployment-groups.ts';
import { Fleet } from '../fleet/fleet.ts';
import type { Logger } from '../log/logger.ts';
import type { AppList, MarathonSource } from '../marathon/source.ts';
import type { ServeOptions } from '../options/serve-options.ts';
import { makePlan } from '../plan/make-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { PlanCache } from '../plan/plan-cache.ts';
import { DEFAULT_PROXY_SETTINGS } from '../proxy/settings.ts';
import { Trends } from '../stats/trend.ts';
import type { CutOver, View } from '../stats/view.ts';
import { type CatalogueRules, catalogueRules } from './catalogue-rules.ts';
import { Certificates } from './certificates.ts';
import { configFacts } from './config-facts.ts';
import { CutOverHistory } from './cut-over-history.ts';
import { listenerProblems, refusalProblem } from './fleet-problems.ts';
import { openSource } from './marathon-source.ts';
import { OtherSources } from './other-sources.ts';
import { OwnChecks } from './own-checks.ts';
import { ProblemLog } from './problem-log.ts';
import { StartError } from './start-error.ts';
import type { StartFiles } from './start-files.ts';

const TICK_MS = 1_000;
/** A change that a worker refused is tried again after this. */
const RETRY_MS = 1_000;

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
  readonly #history = new CutOverHistory();
  readonly #rules: CatalogueRules;
  readonly #catalogueCache = new CatalogueCache();
  readonly #groupCache = new GroupCache();
  readonly #planCache = new PlanCache();
  readonly #trends = new Trends();
  readonly #startedAtMs = Date.now();
  #admin: Admin | null = null;
  #tick: NodeJS.Timeout | null = null;
  #list: AppList = { apps: [], problems: [], addresses: new Map() };
  #problems: readonly Problem[] = [];
  #applying: Promise<void> | null = null;
  #stale = false;
  #checkHistory: CheckHistory = NO_HISTORY;
  #retry: NodeJS.Timeout | null = null;

  constructor(parts: BalancerParts) {
    const { options, log } = parts;
    this.#parts = parts;
    this.#problemLog = new ProblemLog(log);
    this.#rules = catalogueRules(options, parts.files.templates);
    this.#certificates = new Certificates(parts.files.certificates, log);
    this.#checks = new OwnChecks(options.ownChecks, log, () => this.#take(this.#list));
    this.#fleet = new Fleet(
      {
        workers: options.workers,
        program: workerProgram(),
        settings: {
          ...DEFAULT_PROXY_SETTINGS,
          ...options.relay,
          workers: options.workers,
          certificates: this.#certificates.credentials.shared,
        },
        logLevel: options.logLevel,
      },
      log,
    );
    const { access, services } = parts.files;
    this.#others = new OtherSources(options, services, log, () => this.#take(this.#list));
    this.#source = openSource({ ...parts, access }, (list) => {
      this.#others.answered(list, Date.now());
      this.#take(list);
    });
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
    await this.#apply();
    for (const listener of this.#fleet.plan.listeners) {
      const error = this.#fleet.listenerErrors.get(listener.key);
      if (error !== undefined) {
        throw new StartError(
          `cannot listen on ${listener.key} (--${listener.kind}-port): ${error}`,
        );
      }
    }
    this.#tick = setInterval(() => void this.#everySecond(), TICK_MS);
    await this.#others.start();
    this.#source.start();
    const { marathon, groups, workers } = options;
    log.info({ marathon, groups, workers, statsPort: this.statsPort }, 'Teal is listening');
  }

  /** Everything the page shows, with the workers' numbers of this moment. */
  async view(): Promise<View> {
    await this.#fleet.gather();
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
      history: this.#history.entries,
      traffic: this.#fleet.tally.merged(),
      trends: this.#trends,
      checks: this.#checks.states,
    };
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
      this.#fleet.stop(),
      this.#admin?.close(),
    ]);
  }

  async #startAdmin(): Promise<Admin> {
    const { options, log } = this.#parts;
    try {
      return await startAdmin({
        address: options.bindAddress,
        port: options.statsPort,
        view: () => this.view(),
        config: () => configFacts(options, this.#parts.version, this.#fleet.plan),
        signals: options.stream ? { hup: () => this.resync(), usr1: () => this.reapply() } : null,
        log,
      });
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      throw new StartError(`cannot listen on port ${options.statsPort} (--stats-port): ${cause}`);
    }
  }

  #take(list: AppList): void {
    this.#list = list;
    this.#stale = true;
    if (this.#applying !== null) return;
    this.#applying = this.#applyWhileStale().finally(() => {
      this.#applying = null;
    });
  }

  async #applyWhileStale(): Promise<void> {
    while (this.#stale) {
      this.#stale = false;
      await this.#apply();
    }
  }

  async #apply(): Promise<void> {
    const { options, log } = this.#parts;
    const list = this.#list;
    const joined = this.#others.join(list, Date.now());
    this.#checkHistory = rememberChecks(this.#checkHistory, joined.apps);
    const catalogue = makeCatalogue(
      joined.apps,
      {
        ...this.#rules,
        addresses: list.addresses,
        checkHistory: this.#checkHistory,
      },
      this.#catalogueCache,
    );
    const grouped = joinGroups(catalogue.claims, this.#groupCache);
    const judged = this.#checks.judge(grouped.claims);
    const guarded = this.#certificates.guard(judged.claims);
    void this.#fleet.certify(this.#certificates.credentials);
    const before = this.#fleet.plan;
    const planned = makePlan(guarded.claims, options, before, Date.now(), this.#planCache);
    const acknowledgement = await this.#fleet.publish(planned.plan);
    const refusal: Problem[] = [];
    if (acknowledgement.refused !== null) {
      refusal.push(refusalProblem(acknowledgement));
      this.#retry = setTimeout(() => this.#take(this.#list), RETRY_MS);
    } else {
      const cutOvers = this.#history.record(before, this.#fleet.plan, acknowledgement, Date.now());
      for (const cutOver of cutOvers) {
        log.info({ ...cutOver }, 'cut-over');
        this.events.emit('cut-over', cutOver);
      }
    }
    this.#problems = [
      ...refusal,
      ...list.problems,
      ...joined.problems,
      ...catalogue.problems,
      ...grouped.problems,
      ...judged.problems,
      ...guarded.problems,
      ...planned.problems,
      ...listenerProblems(this.#fleet),
    ];
    this.#problemLog.update(this.#problems);
    this.events.emit('applied', this.#fleet.plan);
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
  }
}

/** The built program beside this module; workers are processes and run built code only. */
function workerProgram(): string {
  return fileURLToPath(new URL('../fleet/worker-main.js', import.meta.url));
}
