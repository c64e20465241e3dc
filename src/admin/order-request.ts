// What can be ordered through the admin port, and what is answered: data only. Whoever keeps the orders
// implements `OrderDesk`.

export type OrderKind =
  | 'cutover'
  | 'rollback'
  | 'release'
  | 'split'
  | 'drain'
  | 'server'
  | 'freeze'
  | 'unfreeze'
  | 'lease'
  | 'unlease';

/** Several instances are asked to prepare before any of them commits. */
export type Phase = 'prepare' | 'commit' | 'abort' | 'both';

export interface OrderRequest {
  readonly order: OrderKind;
  /** Service key, port, pxname, app id, deployment group or host; empty for the freeze. */
  readonly service: string;
  /** App id or its last segment; empty = the obvious one. */
  readonly colour: string;
  /** Percents by colour, of `split`. */
  readonly shares: Readonly<Record<string, number>>;
  /** States by svname, of `server`. */
  readonly servers: Readonly<Record<string, 'ready' | 'drain' | 'maint'>>;
  /** How long a drain, a freeze or a lease lasts; null = as usual. */
  readonly seconds: number | null;
  readonly by: string;
  readonly why: string;
  /**
   * Epoch at which was looked: refused when the service has changed since, for the freeze when anything
   * has. Null = whatever there is now.
   */
  readonly ifEpoch: number | null;
  readonly phase: Phase;
  /** Id of a lease on the service; empty = none. */
  readonly lease: string;
  /** Cut over to a colour that is not wholly ready, too. */
  readonly force: boolean;
}

/** Everything that need not be said. */
export const PLAIN_ORDER: Omit<OrderRequest, 'order'> = Object.freeze({
  service: '',
  colour: '',
  shares: Object.freeze({}),
  servers: Object.freeze({}),
  seconds: null,
  by: 'admin API',
  why: '',
  ifEpoch: null,
  phase: 'both',
  lease: '',
  force: false,
});

export interface OrderDone {
  readonly epoch: number;
  /** From the decision to the last worker's acknowledgement; 0 when nothing had to change. */
  readonly tookMs: number;
  /** What each worker acknowledged last, and how long it took; 0 = it did not have to change. */
  readonly workers: readonly {
    readonly pid: number;
    readonly epoch: number;
    readonly tookMs: number;
  }[];
  /** Service key; empty for the freeze. */
  readonly service: string;
  /** App id; null = nothing is live. */
  readonly live: string | null;
  /** App id that was live before. */
  readonly previous: string | null;
  /** Of `prepare` and `lease`: to be shown with what follows. */
  readonly lease?: string;
  /** When the lease or the freeze ends by itself, ms since 1970. */
  readonly untilMs?: number;
}

export type RefusalCode =
  | 'not_warm'
  | 'epoch'
  | 'leased'
  | 'frozen'
  | 'not_ready'
  | 'live'
  | 'no_such_service'
  | 'no_such_colour'
  | 'no_such_server'
  | 'bad_shares'
  | 'worker';

export interface OrderRefused {
  readonly code: RefusalCode;
  /** One line: what, why, what to do. */
  readonly error: string;
}

export interface OrderDesk {
  /** Never rejects. Resolves after the last worker's acknowledgement. */
  carryOut(request: OrderRequest): Promise<OrderDone | OrderRefused>;
}
