// Questions and answers as octets. A reply that is not to the question asked, or is none at all, is
// told as null: whoever waits goes on waiting. Pure.

import { decode, encode, type Packet, RECURSION_DESIRED } from 'dns-packet';

export type QuestionType = 'SRV' | 'A' | 'AAAA';

export interface Question {
  readonly id: number;
  readonly type: QuestionType;
  readonly name: string;
}

export interface SrvRecord {
  readonly target: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
  readonly ttlSeconds: number;
}

export interface AddressRecord {
  /** Lower-cased, without its final dot. */
  readonly name: string;
  readonly address: string;
  readonly ttlSeconds: number;
}

export interface Reply {
  /** `NOERROR`, `NXDOMAIN`, `SERVFAIL` … */
  readonly code: string;
  /** There is more than fits: it has to be asked for over TCP. */
  readonly truncated: boolean;
  readonly servers: readonly SrvRecord[];
  /** Of ANSWER and ADDITIONAL. */
  readonly addresses: readonly AddressRecord[];
}

const TRUNCATED = 0x0200;
const MAX_TTL_SECONDS = 86_400;

export function encodeQuestion({ id, type, name }: Question): Buffer {
  return encode({ type: 'query', id, flags: RECURSION_DESIRED, questions: [{ type, name }] });
}

/** Null if `bytes` are no answer to `question`. */
export function decodeReply(bytes: Buffer, question: Question): Reply | null {
  const packet = decoded(bytes);
  if (packet === null || !answers(packet, question)) return null;
  const servers: SrvRecord[] = [];
  const addresses: AddressRecord[] = [];
  for (const record of [...(packet.answers ?? []), ...(packet.additionals ?? [])]) {
    if (record.type === 'SRV') {
      const { target, port, priority = 0, weight = 0 } = record.data;
      servers.push({ target: bare(target), port, priority, weight, ttlSeconds: ttlOf(record) });
    } else if (record.type === 'A' || record.type === 'AAAA') {
      const name = bare(record.name);
      addresses.push({ name, address: record.data, ttlSeconds: ttlOf(record) });
    }
  }
  // dns-packet's types leave the code out.
  const code = (packet as { readonly rcode?: string }).rcode ?? 'NOERROR';
  return { code, truncated: ((packet.flags ?? 0) & TRUNCATED) !== 0, servers, addresses };
}

/** As names are compared: lower-cased, without the final dot. */
export function bare(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function decoded(bytes: Buffer): Packet | null {
  try {
    return decode(bytes);
  } catch {
    return null;
  }
}

function answers(packet: Packet, { id, type, name }: Question): boolean {
  const asked = packet.questions?.[0];
  return (
    packet.type === 'response' &&
    packet.id === id &&
    asked !== undefined &&
    asked.type === type &&
    bare(asked.name) === bare(name)
  );
}

function ttlOf({ ttl }: { readonly ttl?: number | undefined }): number {
  return Math.min(Math.max(ttl ?? 0, 0), MAX_TTL_SECONDS);
}
