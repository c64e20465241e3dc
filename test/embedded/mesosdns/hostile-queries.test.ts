import { encode } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerTo } from '../../../src/embedded/mesosdns/answer.ts';
import { readQuery } from '../../../src/embedded/mesosdns/query.ts';
import { makeRecords } from '../../../src/embedded/mesosdns/records.ts';
import { writeReply } from '../../../src/embedded/mesosdns/reply.ts';
import { CAPTURED_ZONE, capturedTasks } from './captured.ts';

const good = encode({
  type: 'query',
  id: 0x1234,
  flags: 0x0100,
  questions: [{ name: '_blue-zdd._tcp.marathon.mesos', type: 'SRV' }],
});

/** The good query with some octets replaced, its end cut, or something appended. */
function changed(changes: Record<number, number>, end = good.length, more: number[] = []): Buffer {
  const packet = Buffer.concat([good.subarray(0, end), Buffer.from(more)]);
  for (const [at, octet] of Object.entries(changes)) packet[Number(at)] = octet;
  return packet;
}

/** A header claiming one question, and the octets of that. */
function question(...octets: number[]): Buffer {
  return Buffer.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...octets]);
}

const A_IN = [0, 1, 0, 1];

describe('a hostile packet', () => {
  const rows: readonly (readonly [string, Buffer, 'ignored' | 1 | 4])[] = [
    ['is empty', Buffer.alloc(0), 'ignored'],
    ['is one octet', Buffer.from([1]), 'ignored'],
    ['ends inside the header', good.subarray(0, 11), 'ignored'],
    ['is a response', changed({ 2: 0x81 }), 'ignored'],
    ['is a response of 64 KiB', Buffer.alloc(65_507, 0xff), 'ignored'],
    ['is a status request', changed({ 2: 0x10 }), 4],
    ['is a dynamic update', changed({ 2: 0x28 }), 4],
    ['has a header alone and no question', good.subarray(0, 12), 1],
    ['says it has no question', changed({ 5: 0 }), 1],
    ['says it has two questions', changed({ 5: 2 }), 1],
    ['says it has 65535 questions', changed({ 4: 0xff, 5: 0xff }), 1],
    ['says it has 65535 answers', changed({ 6: 0xff, 7: 0xff }), 1],
    ['says it has 65535 additionals', changed({ 10: 0xff, 11: 0xff }), 1],
    ['says it has an answer that is not there', changed({ 7: 1 }), 1],
    ['ends inside the name', good.subarray(0, 20), 1],
    ['ends before the type', good.subarray(0, -4), 1],
    ['ends before the class', good.subarray(0, -2), 1],
    ['points to itself', question(0xc0, 12, ...A_IN), 1],
    ['points forward', question(0xc0, 20, ...A_IN), 1],
    ['points into its own header', question(0xc0, 0, ...A_IN), 1],
    ['points back and forth', question(1, 0x61, 0xc0, 12, ...A_IN), 1],
    ['has a pointer cut in two', question(0xc0), 1],
    ['has a label of a reserved kind', question(0x40, 0x61, 0, ...A_IN), 1],
    ['has a label longer than the packet', question(63, 0x61), 1],
    [
      'has a name over 255 octets',
      question(...new Array(8).fill([40, ...new Array(40).fill(0x61)]).flat(), 0, ...A_IN),
      1,
    ],
    ['has a dot inside a label', question(3, 0x61, 0x2e, 0x62, 0, ...A_IN), 1],
    ['has zero octets in a label', question(3, 0, 0, 0, 0, ...A_IN), 1],
    ['has octets that are no text', question(2, 0xff, 0xfe, 0, ...A_IN), 1],
    ['has control characters in a label', question(2, 0x0d, 0x0a, 0, ...A_IN), 1],
    ['has an OPT record cut short', changed({ 11: 1 }, good.length, [0, 0, 41, 16, 0]), 1],
    [
      'has an OPT record whose options lie about their length',
      changed({ 11: 1 }, good.length, [0, 0, 41, 16, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 3, 0xff, 0xff]),
      1,
    ],
  ];

  it.each(rows)('that %s is answered by a bare header or not at all', (_, packet, expected) => {
    const reply = respond(packet);
    if (expected === 'ignored') {
      expect(reply).toBeNull();
      return;
    }
    expect(reply).toHaveLength(12);
    expect(reply?.readUInt16BE(0)).toBe(packet.readUInt16BE(0));
    expect((reply?.readUInt16BE(2) ?? 0) & 0x800f).toBe(0x8000 | expected);
    expect(reply?.subarray(4)).toEqual(Buffer.alloc(8));
  });

  it.each([
    ['an unknown type', changed({ [good.length - 3]: 0xee })],
    ['an unknown class', changed({ [good.length - 2]: 0xee })],
    ['reserved bits set', changed({ 3: 0x70 })],
    ['octets behind its end', changed({}, good.length, new Array(1_000).fill(7))],
  ])('with %s is answered with its question', (_, packet) => {
    const reply = respond(packet);
    expect(reply?.subarray(12, good.length)).toEqual(packet.subarray(12, good.length));
  });

  it('whatever its octets, never throws and never gets more than 512 octets', () => {
    const anything = fc.uint8Array({ maxLength: 600 });
    // Mostly right, a few octets wrong: deeper than noise gets.
    const nearly = fc
      .array(fc.tuple(fc.nat(good.length + 20), fc.nat(255)), { maxLength: 6 })
      .map((changes) => changed(Object.fromEntries(changes), good.length, new Array(20).fill(0)));
    fc.assert(
      fc.property(fc.oneof(anything, nearly), (octets) => {
        const reply = respond(Buffer.from(octets));
        return reply === null || (reply.length <= 512 && reply.length >= 12);
      }),
      { numRuns: 3_000 },
    );
  });
});

const records = makeRecords(capturedTasks(), CAPTURED_ZONE, 1);

function respond(packet: Buffer): Buffer | null {
  const query = readQuery(packet);
  if (query === null) return null;
  const none = { authoritative: false, answers: [], authorities: [], additionals: [] };
  const answer =
    query.question === null
      ? { ...none, rcode: query.rcode }
      : answerTo(query.question, records, CAPTURED_ZONE, (items) => [...items]);
  return writeReply(query, answer, 60, 512);
}
