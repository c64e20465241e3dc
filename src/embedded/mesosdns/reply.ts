// An answer → octets no longer than the transport takes, with TC set when something had to go.
// dns-packet writes every name in full, which would double a reply and truncate the tutorial's four
// servers at 512 octets; so the writer here is our own and compresses names as Mesos-DNS does.

import { MAX_LABEL } from '../../mesosdns/names.ts';
import type { Answer, Rr } from './answer.ts';
import type { Query } from './query.ts';
import { SOA, SRV_WEIGHT } from './zone.ts';

const TYPE_NUMBER = { A: 1, NS: 2, SOA: 6, AAAA: 28, SRV: 33 } as const;
const CLASS_IN = 1;
/** A pointer has 14 bits (RFC 1035 §4.1.4). */
const MAX_POINTER = 0x3fff;
const HEADER_BYTES = 12;

/**
 * Null if a name of the answer has a label over 63 octets: Mesos-DNS cannot pack such a reply and
 * stays silent (a task name of 55 or more).
 */
export function writeReply(
  query: Query,
  answer: Answer,
  ttlSeconds: number,
  maxBytes: number,
): Buffer | null {
  const writer = new Writer(ttlSeconds);
  if (query.question !== null) {
    if (!writer.name(query.question.name)) return null;
    writer.u16(query.question.type);
    writer.u16(query.questionClass);
  }
  const ends = [writer.length];
  for (const rr of [...answer.answers, ...answer.authorities, ...answer.additionals]) {
    if (!writer.record(rr)) return null;
    ends.push(writer.length);
  }
  const kept = keepWithin(maxBytes, answer, ends);
  const count = kept.answers + kept.authorities + kept.additionals;
  return Buffer.concat([header(query, answer, kept), writer.take(ends[count] ?? 0)]);
}

interface Kept {
  readonly answers: number;
  readonly authorities: number;
  readonly additionals: number;
  readonly truncated: boolean;
}

/** ADDITIONAL goes first, then answers from the end. The limits (≤ for the whole, < once cut) are measured. */
function keepWithin(maxBytes: number, answer: Answer, ends: readonly number[]): Kept {
  const [answers, authorities, additionals] = [
    answer.answers.length,
    answer.authorities.length,
    answer.additionals.length,
  ];
  const size = (records: number): number => ends[records] ?? 0;
  if (size(answers + authorities + additionals) <= maxBytes) {
    return { answers, authorities, additionals, truncated: false };
  }
  if (size(answers + authorities) < maxBytes) {
    return { answers, authorities, additionals: 0, truncated: true };
  }
  let fitting = answers;
  while (fitting > 0 && size(fitting) >= maxBytes) fitting -= 1;
  return { answers: fitting, authorities: 0, additionals: 0, truncated: true };
}

function header(query: Query, answer: Answer, kept: Kept): Buffer {
  const buffer = Buffer.alloc(HEADER_BYTES);
  buffer.writeUInt16BE(query.id, 0);
  const flags =
    0x8000 |
    (query.opcode << 11) |
    (answer.authoritative ? 0x0400 : 0) |
    (kept.truncated ? 0x0200 : 0) |
    (query.recursionDesired ? 0x0100 : 0) |
    answer.rcode;
  buffer.writeUInt16BE(flags, 2);
  buffer.writeUInt16BE(query.question === null ? 0 : 1, 4);
  buffer.writeUInt16BE(kept.answers, 6);
  buffer.writeUInt16BE(kept.authorities, 8);
  buffer.writeUInt16BE(kept.additionals, 10);
  return buffer;
}

/** Writes what follows the header. A writer that returned false is of no more use. */
class Writer {
  readonly #ttlSeconds: number;
  readonly #octets: number[] = [];
  readonly #places = new Map<string, number>();

  constructor(ttlSeconds: number) {
    this.#ttlSeconds = ttlSeconds;
  }

  /** Octets so far, the header included. */
  get length(): number {
    return HEADER_BYTES + this.#octets.length;
  }

  take(end: number): Buffer {
    return Buffer.from(this.#octets.slice(0, end - HEADER_BYTES));
  }

  u16(value: number): void {
    this.#octets.push((value >> 8) & 0xff, value & 0xff);
  }

  u32(value: number): void {
    this.u16(value >>> 16);
    this.u16(value & 0xffff);
  }

  /** False if a label is too long. */
  name(name: string): boolean {
    return this.#name(name, true);
  }

  record(rr: Rr): boolean {
    if (!this.name(rr.name)) return false;
    this.u16(TYPE_NUMBER[rr.type]);
    this.u16(CLASS_IN);
    this.u32(this.#ttlSeconds);
    const lengthAt = this.#octets.length;
    this.u16(0);
    if (!this.#data(rr)) return false;
    const length = this.#octets.length - lengthAt - 2;
    this.#octets[lengthAt] = length >> 8;
    this.#octets[lengthAt + 1] = length & 0xff;
    return true;
  }

  #data(rr: Rr): boolean {
    switch (rr.type) {
      case 'A':
        this.#octets.push(...rr.address.split('.').map(Number));
        return true;
      case 'AAAA':
        this.#octets.push(...octetsOfIpv6(rr.address));
        return true;
      case 'NS':
        return this.name(rr.server);
      case 'SRV':
        this.u16(0);
        this.u16(SRV_WEIGHT);
        this.u16(rr.port);
        // RFC 2782: the target itself is not compressed, but later names may point into it.
        return this.#name(rr.target, false);
      case 'SOA':
        if (!this.name(rr.server) || !this.name(rr.mailbox)) return false;
        for (const value of [rr.serial, SOA.refresh, SOA.retry, SOA.expire, SOA.minimum]) {
          this.u32(value);
        }
        return true;
    }
  }

  #name(name: string, compress: boolean): boolean {
    const labels = name.split('.').filter((label) => label !== '');
    for (let i = 0; i < labels.length; i += 1) {
      const label = labels[i] ?? '';
      if (label.length > MAX_LABEL) return false;
      const rest = labels.slice(i).join('.');
      const place = this.#places.get(rest);
      if (compress && place !== undefined) {
        this.u16(0xc000 | place);
        return true;
      }
      if (place === undefined && this.length <= MAX_POINTER) this.#places.set(rest, this.length);
      this.#octets.push(label.length, ...Buffer.from(label, 'latin1'));
    }
    this.#octets.push(0);
    return true;
  }
}

function octetsOfIpv6(address: string): number[] {
  const [left = '', right] = address.split('%')[0]?.split('::') ?? [];
  const head = groupsOf(left);
  const tail = groupsOf(right ?? '');
  const gap = right === undefined ? 0 : Math.max(0, 8 - head.length - tail.length);
  const groups = [...head, ...new Array<number>(gap).fill(0), ...tail];
  return groups.flatMap((group) => [group >> 8, group & 0xff]);
}

/** Groups of 16 bits; a dotted IPv4 at the end is two of them. */
function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((part) => {
    if (!part.includes('.')) return [Number.parseInt(part, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}
