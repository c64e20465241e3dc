// What all ways of choosing a server have in common. A balancer keeps its place when the servers
// change: those that stay are neither favoured nor passed over.

/** A server as a balancer sees it. All of it but `id` and `rank` may change between two picks. */
export interface Member {
  readonly id: string;
  /** Order among the members that `first` fills up. */
  readonly rank: number;
  /** As planned, above 0. */
  readonly weight: number;
  /** The same, or what of it counts while the server starts slowly; above 0. */
  readonly share: number;
  readonly inFlight: number;
  /** It may not be given another request now. */
  readonly full: boolean;
}

export interface Balancer<M extends Member> {
  /** `changed` is wanted for every request that begins or ends, not only when a limit is met. */
  readonly countsLoad: boolean;
  /** The members from now on. */
  update(members: readonly M[]): void;
  /** A member's requests in flight, its share or its fullness have changed. */
  changed(member: M): void;
  /**
   * The next member that is not full, never `avoid`; null if there is none. `key` is what a hash is
   * made of; empty = the request has none of it.
   */
  pick(key: string, avoid: M | null): M | null;
}
