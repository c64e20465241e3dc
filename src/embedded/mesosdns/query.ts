// A packet → a question, or what its sender deserves instead. Nothing a client sends makes it throw.

import { decode } from 'dns-packet';
import { type Question, RCODE } from './answer.ts';

export interface Query {
  readonly id: number;
  readonly recursionDesired: boolean;
  readonly opcode: number;
  /** Null: answered by `rcode` alone. */
  readonly question: Question | null;
  readonly questionClass: number;
  readonly rcode: number;
}

const HEADER_BYTES = 12;
/** An EDNS OPT and a TSIG are all that may stand beside the question (RFC 6891 §6.1.1, RFC 8945). */
const MAX_OTHER_RECORDS = 2;

/** Null: not to be answered at all (too short for an id, or itself a response: RFC 5452 §10). */
export function readQuery(packet: Buffer): Query | null {
  if (packet.length < HEADER_BYTES) return null;
  const flags = packet.readUInt16BE(2);
  if ((flags & 0x8000) !== 0) return null;
  const head = {
    id: packet.readUInt16BE(0),
    recursionDesired: (flags & 0x0100) !== 0,
    opcode: (flags >> 11) & 0xf,
    questionClass: 0,
  };
  const only = (rcode: number): Query => ({ ...head, question: null, rcode });
  if (head.opcode !== 0) return only(RCODE.NOTIMP);
  // Before decoding: the decoder makes room for as many records as the header claims.
  const others = packet.readUInt16BE(6) + packet.readUInt16BE(8) + packet.readUInt16BE(10);
  if (packet.readUInt16BE(4) !== 1 || others > MAX_OTHER_RECORDS) return only(RCODE.FORMERR);
  const name = readName(packet);
  if (name === null) return only(RCODE.FORMERR);
  const end = HEADER_BYTES + (name === '.' ? 1 : Buffer.byteLength(name, 'latin1') + 2);
  return {
    ...head,
    question: { name: name === '.' ? '' : name, type: packet.readUInt16BE(end) },
    questionClass: packet.readUInt16BE(end + 2),
    rcode: RCODE.NOERROR,
  };
}

/** The name asked for, `.` for the root; null if the packet is malformed or no host name could be. */
function readName(packet: Buffer): string | null {
  try {
    const name = decode(packet).questions?.[0]?.name;
    // The decoder believes an OPT record's length; what was not sent cannot have been read.
    if (name === undefined || decode.bytes > packet.length) return null;
    // Printable ASCII, laid out without pointers and without a dot inside a label: otherwise text and
    // octets differ, and the question could not be repeated in the answer as it came.
    return name === '.' || (/^[!-~]+$/.test(name) && isAt(name, packet)) ? name : null;
  } catch {
    return null;
  }
}

function isAt(name: string, packet: Buffer): boolean {
  let offset = HEADER_BYTES;
  for (const label of name.split('.')) {
    const text = packet.toString('latin1', offset + 1, offset + 1 + label.length);
    if (packet[offset] !== label.length || text !== label) return false;
    offset += 1 + label.length;
  }
  return packet[offset] === 0;
}
