// Records and one question → the sections of the answer, with Mesos-DNS' own manners (a miss of SRV is
// empty, SOA and NS come in AUTHORITY). Pure: the order of the answers comes from the given shuffle.

import type { Records } from './records.ts';
import { mailbox, primaryServer, type Zone } from './zone.ts';

/** RR types by number, as far as they are answered (RFC 1035 §3.2, RFC 3596, RFC 2782). */
export const TYPE = { A: 1, NS: 2, SOA: 6, AAAA: 28, SRV: 33, ANY: 255 } as const;

export const RCODE = { NOERROR: 0, FORMERR: 1, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;

export interface Question {
  /** As asked, case kept, without the final dot. */
  readonly name: string;
  readonly type: number;
}

/** One resource record; its TTL is the zone's. Names end in a dot or not, both are the same. */
export type Rr =
  | { readonly type: 'A' | 'AAAA'; readonly name: string; readonly address: string }
  | { readonly type: 'SRV'; readonly name: string; readonly target: string; readonly port: number }
  | { readonly type: 'NS'; readonly name: string; readonly server: string }
  | {
      readonly type: 'SOA';
      readonly name: string;
      readonly server: string;
      readonly mailbox: string;
      readonly serial: number;
    };

export interface Answer {
  readonly rcode: number;
  readonly authoritative: boolean;
  readonly answers: readonly Rr[];
  readonly authorities: readonly Rr[];
  readonly additionals: readonly Rr[];
}

export type Shuffle = <T>(items: readonly T[]) => T[];

export function answerTo(
  question: Question,
  records: Records,
  zone: Zone,
  shuffle: Shuffle,
): Answer {
  // `_x._tcp.*.marathon.mesos` is asked by some clients; Mesos-DNS strips the wildcard label.
  const name = `${question.name.toLowerCase().replaceAll('.*', '')}.`;
  if (name !== `${zone.domain}.` && !name.endsWith(`.${zone.domain}.`)) return REFUSED;
  const asked = (type: number): boolean => question.type === type || question.type === TYPE.ANY;

  const services = asked(TYPE.SRV) ? (records.srv.get(name) ?? []) : [];
  const answers: Rr[] = services.map(({ host, port }) => ({
    type: 'SRV',
    name: question.name,
    target: host,
    port,
  }));
  if (asked(TYPE.A)) answers.push(...addressesOf(name, records, 'A'));
  if (asked(TYPE.AAAA)) answers.push(...addressesOf(name, records, 'AAAA'));

  const authorities: Rr[] = [];
  // Owner is the name asked for, not the zone: so the real one does.
  if (asked(TYPE.SOA)) authorities.push(soaOf(question.name, records, zone));
  if (asked(TYPE.NS)) {
    authorities.push({ type: 'NS', name: question.name, server: primaryServer(zone) });
  }

  const found = { authoritative: true, answers: shuffle(answers), authorities } as const;
  if (answers.length > 0) {
    const additionals = shuffle(targetsOf(services, records));
    return { ...found, rcode: RCODE.NOERROR, additionals };
  }
  if (NEVER_MISSED.has(question.type)) return { ...found, rcode: RCODE.NOERROR, additionals: [] };
  const known = records.a.has(name) || records.aaaa.has(name) || records.srv.has(name);
  return {
    ...found,
    rcode: known ? RCODE.NOERROR : RCODE.NXDOMAIN,
    authorities: authorities.length > 0 ? authorities : [soaOf(question.name, records, zone)],
    additionals: [],
  };
}

const REFUSED: Answer = {
  rcode: RCODE.REFUSED,
  authoritative: false,
  answers: [],
  authorities: [],
  additionals: [],
};

/** A question of these types is answered NOERROR for any name, with nothing added. */
const NEVER_MISSED: ReadonlySet<number> = new Set([TYPE.SRV, TYPE.SOA, TYPE.NS]);

function addressesOf(name: string, records: Records, type: 'A' | 'AAAA'): Rr[] {
  const known = type === 'A' ? records.a : records.aaaa;
  return (known.get(name) ?? []).map((address) => ({ type, name, address }));
}

/** One A and one AAAA, as far as known, per distinct target. */
function targetsOf(services: readonly { host: string }[], records: Records): Rr[] {
  const hosts = new Set(services.map(({ host }) => host));
  return [...hosts].flatMap((host) => [
    ...addressesOf(host, records, 'A').slice(0, 1),
    ...addressesOf(host, records, 'AAAA').slice(0, 1),
  ]);
}

function soaOf(name: string, records: Records, zone: Zone): Rr {
  const { serial } = records;
  return { type: 'SOA', name, server: primaryServer(zone), mailbox: mailbox(zone), serial };
}
