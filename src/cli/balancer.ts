// Wires the control plane: source → catalogue → colours → plan → fleet, and the admin page beside it.
// One look at Marathon is applied at a time, always the newest; while it runs the last plan serves.

import { EventEmitter } from 'node:events';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Admin, startAdmin } from '../admin/server.ts';
import { makeCatalogue } from '../catalogue/catalogue.ts';
import { type CheckHistory, NO_HISTORY, rememberChecks } from '../catalogue/check-history.ts';
import type { Problem } from '../catalogue/problem.ts';
import { type Acknowledgement, Fleet } from '../fleet/fleet.ts';
import type { Logger } from '../log/logger.ts';
import { type AppList, MarathonSource } from '../marathon/source.ts';
import type { ServeOptions } from '../options/serve-options.ts';
import { makePlan } from '../plan/make-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { DEFAULT_PROXY_SETTINGS } from '../proxy/settings.ts';
import type { CutOver, View } from '../stats/view.ts';
import { Certificates } from './certificates.ts';
import { CutOverHistory } from './cut-over-history.ts';
import { OwnChecks } from './own-checks.ts';
import { ProblemLog } from './problem-log.ts';
import { StartError } from './start-error.ts';

const TICK_MS = 1_000;
/** A fetch in flight when Marathon goes silent must not hold up the next. */
const FETCH_TIMEOUT_MS = 46_000;
/** Marathon's heartbeat comes every 10 s. */
const SILENCE_TIMEOUT_MS = 35_000;
const BACKOFF_MIN_MS = 500;
const EMPTY_HOLD_MS = 60_000;
/** A change that a worker refused is tried again after this. */
const RETRY_MS = 1_000;

export interface BalancerParts {
  readonly options: ServeOptions;
  /** PEM texts for https. */
  readonly certificates: readonly string[];
  readonly version: string;
  readonly log: Logger;
}

export class Balancer {
  /** `cut-over` with a CutOver; `applied` with the plan in force after every look at Marathon. */
  readonly events = new EventEmitter<{ 'cut-over': [CutOver]; applied: [Plan] }>();
  readonly #parts: BalancerParts;
  readonly #fleet: Fleet;
  readonly #source: MarathonSource;
  readonly #certificates: Certificates;
  readonly #problemLog: ProblemLog;
  readonly #checks: OwnChecks;
  readonly #history = new CutOverHistory();
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
    this.#certificates = new Certificates(parts.certificates, options.certificatePaths, log);
    this.#checks = new OwnChecks(options.ownChecks, log, () => this.#take(this.#list));
    this.#fleet = new Fleet(
      {
        workers: options.workers,
        program: workerProgram(),
        settings: {
          ...DEFAULT_PROXY_SETTINGS,
          ...options.relay,
          workers: options.workers,
          certificates: parts.certificates,
        },
        logLevel: options.logLevel,
      },
      log,
    );
    this.#source = new MarathonSource(
      {
        urls: options.marathon,
        stream: options.stream,
        resyncIntervalMs: options.resyncIntervalMs,
        silenceTimeoutMs: SILENCE_TIMEOUT_MS,
        fetchTimeoutMs: FETCH_TIMEOUT_MS,
        backoffMinMs: BACKOFF_MIN_MS,
        backoffMaxMs: options.maxBackoffMs,
        emptyHoldMs: EMPTY_HOLD_MS,
        version: parts.version,
      },
      log,
      (list) => this.#take(list),
    );
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
      checks: this.#checks.states,
    };
  }

  /** Stops accepting, lets exchanges end; resolves with the number of connections cut at the deadline. */
  async drain(deadlineMs: number): Promise<number> {
    await Promise.all([this.#source.stop(), this.#checks.stop()]);
    return this.#fleet.drain(deadlineMs);
  }

  /** Ends everything now. */
  async stop(): Promise<void> {
    if (this.#tick !== null) clearInterval(this.#tick);
    if (this.#retry !== null) clearTimeout(this.#retry);
    await Promise.all([
      this.#source.stop(),
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
    this.#checkHistory = rememberChecks(this.#checkHistory, list.apps);
    const catalogue = makeCatalogue(list.apps, {
      groups: options.groups,
      healthCheck: options.healthCheck,
      addresses: list.addresses,
      checkHistory: this.#checkHistory,
      strictMode: false,
      hostMap: false,
      templates: new Map(),
      autoServicePorts: null,
      ownAppName: '',
    });
    const judged = this.#checks.judge(catalogue.claims);
    const guarded = this.#certificates.guard(judged.claims);
    void this.#fleet.certify(this.#certificates.credentials);
    const before = this.#fleet.plan;
    const planned = makePlan(
      guarded.claims,
      { ...options, groupHttpsByVhost: false },
      before,
      Date.now(),
    );
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
      ...catalogue.problems,
      ...judged.problems,
      ...guarded.problems,
      ...planned.problems,
      ...listenerProblems(this.#fleet),
    ];
    this.#problemLog.update(this.#problems);
    this.events.emit('applied', this.#fleet.plan);
  }

  async #everySecond(): Promise<void> {
    if (this.#certificates.look()) this.#take(this.#list);
    await this.#fleet.gather();
    this.#fleet.tally.tick();
    this.#checks.watchTraffic(this.#fleet.tally.merged());
  }
}

function refusalProblem({ epoch, refused }: Acknowledgement): Problem {
  return {
    app: null,
    where: 'workers',
    value: '',
    message: `a change was not put in force (${refused}); epoch ${epoch} serves on, it is tried again every second`,
  };
}

function listenerProblems(fleet: Fleet): Problem[] {
  return [...fleet.listenerErrors].map(([key, error]) => {
    const service = fleet.plan.services.find((one) => one.key === key);
    return {
      app: service?.live ?? service?.colours[0]?.appId ?? null,
      where: `listener ${key}`,
      value: '',
      message: `${error}; expected a free port: end what listens there or change the label, it is tried again`,
    };
  });
}

/** The built program beside this module; workers are processes and run built code only. */
function workerProgram(): string {
  return fileURLToPath(new URL('../fleet/worker-main.js', import.meta.url));
}
