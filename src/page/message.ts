// What the admin server sends to an open page, as JSON in server-sent events.

/** Event `view`, once a second: what of the page is different from what was sent before. */
export interface ViewMessage {
  /** The server's clock, ms since 1970. */
  readonly atMs: number;
  readonly epoch: number;
  /** Ids of the blocks by the id of the place that holds them; null = as before. */
  readonly order: Readonly<Record<string, readonly string[]>> | null;
  /** Whole blocks. */
  readonly changed: readonly ChangedBlock[];
}

export interface ChangedBlock {
  /** Id of its one root element. */
  readonly id: string;
  readonly html: string;
}

/** Event `cut-over`, as it happens: what is live changed, or an order was carried out. */
export interface CutOverMessage {
  readonly atMs: number;
  /** Empty = all of them. */
  readonly service: string;
  /** Kind of the order; empty = Teal's own rules. */
  readonly order: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly why: string;
  readonly epoch: number;
  readonly workers: number;
  readonly tookMs: number;
}
