// What the embedded Mesos-DNS is configured with, as far as records and answers depend on it.

export interface Zone {
  /** Lower-cased, without a dot at the end: `mesos`. */
  readonly domain: string;
  /** Name of the framework as Mesos knows it: `marathon`. */
  readonly framework: string;
  readonly ttlSeconds: number;
  /** Where the leading master, Mesos-DNS itself and the framework are said to be. */
  readonly address: string;
  readonly masterPort: number;
  /** Scheduler port of the framework; null = unknown, then it has no SRV record. */
  readonly frameworkPort: number | null;
}

/** Weight of every SRV record: what the tutorial shows (`srvRecordDefaultWeight` 0). */
export const SRV_WEIGHT = 0;

/** The numbers of a SOA record besides its serial, as Mesos-DNS has them by default. */
export const SOA = { refresh: 60, retry: 600, expire: 86_400, minimum: 60 } as const;

/** Primary name server of the zone, lower-cased, with its final dot. */
export function primaryServer(zone: Zone): string {
  return `ns1.${zone.domain}.`;
}

/** Mailbox of the zone in SOA form. */
export function mailbox(zone: Zone): string {
  return `root.ns1.${zone.domain}.`;
}
