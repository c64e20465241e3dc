import { decode, encode, type Answer as PacketAnswer } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { answerTo, type Shuffle } from '../../../src/embedded/mesosdns/answer.ts';
import { readQuery } from '../../../src/embedded/mesosdns/query.ts';
import { makeRecords } from '../../../src/embedded/mesosdns/records.ts';
import { writeReply } from '../../../src/embedded/mesosdns/reply.ts';
import { CAPTURED_ZONE, capturedTasks, fixture } from './captured.ts';

const UDP = 512;
const TCP = 65_535;
const DIG_SERIAL = 1_795_391_410;
const inOrder: Shuffle = (items) => [...items];

function replyTo(packet: Buffer, maxBytes: number, serial: number, shuffle: Shuffle = inOrder) {
  const query = readQuery(packet);
  if (query === null || query.question === null) throw new Error('the query was not understood');
  const records = makeRecords(capturedTasks(), CAPTURED_ZONE, serial);
  const answer = answerTo(query.question, records, CAPTURED_ZONE, shuffle);
  return writeReply(query, answer, CAPTURED_ZONE.ttlSeconds, maxBytes);
}

describe('octets', () => {
  interface Exchange {
    name: string;
    type: string;
    transport: 'udp' | 'tcp';
    edns: number | null;
    query: string;
    response: string;
  }
  const exchanges = JSON.parse(fixture('wire.json')) as Exchange[];

  it.each(exchanges)(
    'of the reply to $name $type over $transport (EDNS $edns) are the real ones',
    ({ query, response, transport }) => {
      const captured = decode(Buffer.from(response, 'hex'));
      const soa = captured.authorities?.find((rr) => rr.type === 'SOA');
      const serial = soa?.type === 'SOA' ? (soa.data.serial ?? 0) : 0;
      // The real server shuffles: its order is taken over, everything else is ours.
      const order = [...(captured.answers ?? []), ...(captured.additionals ?? [])].map(lineOf);
      const asCaptured: Shuffle = (items) =>
        [...items].sort((a, b) => placeIn(order, a) - placeIn(order, b));
      const limit = transport === 'udp' ? UDP : TCP;
      const reply = replyTo(Buffer.from(query, 'hex'), limit, serial, asCaptured);
      expect(reply?.toString('hex')).toBe(response);
    },
  );
});

describe('every question asked with dig', () => {
  const questions = digQuestions();

  it('is among the captures', () => {
    expect(questions.length).toBeGreaterThanOrEqual(50);
  });

  it.each(questions)('dig $title is answered as by the real server', (dig) => {
    const packet = encode({
      type: 'query',
      id: 7,
      flags: 0x0100,
      questions: [{ name: dig.name, type: dig.type as 'A', class: 'IN' }],
    });
    const reply = replyTo(packet, dig.tcp ? TCP : UDP, DIG_SERIAL);
    if (dig.status === null) {
      expect(reply).toBeNull();
      return;
    }
    const decoded = decode(reply ?? Buffer.alloc(0));
    const flags = ['qr', 'aa', 'tc', 'rd', 'ra'].filter(
      (flag) => decoded[`flag_${flag}` as 'flag_qr'],
    );
    expect({ flags: flags.join(' '), rcode: (decoded as { rcode?: string }).rcode }).toEqual({
      flags: dig.flags,
      rcode: dig.status,
    });
    expect(decoded.questions?.[0]?.name).toBe(dig.name);
    expect(linesOf(decoded.authorities)).toEqual(dig.authority);
    if (decoded.flag_tc) {
      // Which of the thirty are kept is chance.
      expect(decoded.answers).toHaveLength(dig.answer.length);
      expect(decoded.additionals).toEqual([]);
      return;
    }
    expect(linesOf(decoded.answers)).toEqual(dig.answer);
    expect(linesOf(decoded.additionals)).toEqual(dig.additional);
  });
});

describe('a reply', () => {
  const ask = (name: string, type: string): Buffer =>
    encode({ type: 'query', id: 1, questions: [{ name, type: type as 'A' }] });

  it('holds the four servers of the tutorial with their addresses in one datagram', () => {
    const packet = ask('_green-zdd._tcp.marathon.mesos', 'SRV');
    const query = readQuery(packet);
    const tasks = [1, 2, 3, 4].map((n) => ({
      id: `zdd_green.${n}`,
      name: 'green.zdd',
      slaveId: 'a-S0',
      agentAddress: '127.0.0.1',
      address: '127.0.0.1',
      ports: [{ number: 31_000 + n, protocol: 'tcp' as const, name: 'default' }],
    }));
    const records = makeRecords(tasks, CAPTURED_ZONE, 1);
    const answer = answerTo(query?.question ?? fail(), records, CAPTURED_ZONE, inOrder);
    const reply = writeReply(query ?? fail(), answer, 60, UDP) ?? fail();
    expect(reply.length).toBeLessThanOrEqual(UDP);
    const { flag_tc, answers, additionals } = decode(reply);
    expect([flag_tc, answers?.length, additionals?.length]).toEqual([false, 4, 4]);
  });

  it('repeats the octets of the question, case and all', () => {
    const packet = ask('_BLUE-zdd._Tcp.maRathon.mesos', 'SRV');
    const reply = replyTo(packet, UDP, 1) ?? fail();
    expect(reply.subarray(12, packet.length)).toEqual(packet.subarray(12));
  });

  it('drops ADDITIONAL before it cuts an answer, and says so by TC', () => {
    const packet = ask('_many._tcp.marathon.mesos', 'SRV');
    const whole = replyTo(packet, TCP, 1) ?? fail();
    const answersOnly = decode(replyTo(packet, whole.length - 1, 1) ?? fail());
    expect(answersOnly.flag_tc).toBe(true);
    expect(answersOnly.answers).toHaveLength(30);
    expect(answersOnly.additionals).toEqual([]);
    const exact = decode(replyTo(packet, whole.length, 1) ?? fail());
    expect([exact.flag_tc, exact.additionals?.length]).toEqual([false, 30]);
  });

  it('to ANY for an unknown name is NXDOMAIN with SOA and NS', () => {
    const reply = decode(replyTo(ask('nosuch.mesos', 'ANY'), UDP, 1) ?? fail());
    expect((reply as { rcode?: string }).rcode).toBe('NXDOMAIN');
    expect(reply.authorities?.map((rr) => rr.type)).toEqual(['SOA', 'NS']);
  });

  it.each(['mesos.example.com', 'xmesos', '.', 'com'])(
    'to %s, outside the domain, is REFUSED',
    (name) => {
      const reply = decode(replyTo(ask(name, 'A'), UDP, 1) ?? fail());
      expect((reply as { rcode?: string }).rcode).toBe('REFUSED');
      expect(reply.flag_aa).toBe(false);
    },
  );

  it.each([
    ['::1', '::1'],
    ['fd00::10.1.2.3', 'fd00::a01:203'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2:3:4:5:6'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('carries the IPv6 address %s', (address, shown) => {
    const query = readQuery(ask('six.marathon.mesos', 'AAAA')) ?? fail();
    const task = { id: '6', name: 'six', slaveId: 'S0', agentAddress: '127.0.0.1', ports: [] };
    const records = makeRecords([{ ...task, address }], CAPTURED_ZONE, 1);
    const answer = answerTo(query.question ?? fail(), records, CAPTURED_ZONE, inOrder);
    expect(decode(writeReply(query, answer, 60, UDP) ?? fail()).answers).toMatchObject([
      { type: 'AAAA', data: shown },
    ]);
  });
});

interface Dig {
  title: string;
  name: string;
  type: string;
  tcp: boolean;
  /** Null: no reply came. */
  status: string | null;
  flags: string;
  answer: string[];
  authority: string[];
  additional: string[];
}

/** The captured questions, but those dig itself refused and those for the task without DiscoveryInfo. */
function digQuestions(): Dig[] {
  const blocks = fixture('dig.txt')
    .split(/^#{10} dig /m)
    .slice(1);
  return blocks.filter((block) => !/legal name|^_nodi/.test(block)).map(readDig);
}

function readDig(block: string): Dig {
  const [title = '', ...lines] = block.split('\n');
  const words = title.split(' ').filter((word) => !word.startsWith('+'));
  const header = lines.find((line) => line.includes('->>HEADER<<-')) ?? '';
  const section = (wanted: string): string[] => {
    const start = lines.findIndex((line) => line.startsWith(`;; ${wanted} SECTION`));
    const rest = start < 0 ? [] : lines.slice(start + 1);
    const end = rest.findIndex((line) => line === '' || line.startsWith(';'));
    return rest
      .slice(0, end)
      .map((line) => line.replace(/\s+/g, ' '))
      .sort();
  };
  return {
    title,
    name: words[0] ?? '',
    type: words[1] ?? '',
    tcp: title.includes('+tcp') || block.includes('retrying in TCP mode'),
    status: /status: (\w+)/.exec(header)?.[1] ?? null,
    flags: /flags: ([a-z ]+);/.exec(block)?.[1] ?? '',
    answer: section('ANSWER'),
    authority: section('AUTHORITY'),
    additional: section('ADDITIONAL'),
  };
}

function linesOf(records: readonly PacketAnswer[] | undefined): string[] {
  return (records ?? []).map(lineOf).sort();
}

/** A record as dig prints it. */
function lineOf(rr: PacketAnswer): string {
  if (rr.type === 'OPT') return 'OPT';
  const head = `${rr.name}. ${rr.ttl} IN ${rr.type}`;
  if (rr.type === 'SRV') {
    const { priority, weight, port, target } = rr.data;
    return `${head} ${priority} ${weight} ${port} ${target}.`;
  }
  if (rr.type === 'SOA') {
    const { mname, rname, serial, refresh, retry, expire, minimum } = rr.data;
    return `${head} ${mname}. ${rname}. ${serial} ${refresh} ${retry} ${expire} ${minimum}`;
  }
  return `${head} ${String(rr.data)}${rr.type === 'NS' ? '.' : ''}`;
}

/** Place of a record of ours in captured lines; those not captured come last. */
function placeIn(order: readonly string[], item: unknown): number {
  const rr = item as { name: string; target?: string; port?: number; address?: string };
  const data = rr.target === undefined ? `A ${rr.address}` : `SRV 0 0 ${rr.port} ${rr.target}`;
  const line = `${rr.name.replace(/\.$/, '')}. 60 IN ${data}`;
  const place = order.indexOf(line);
  return place < 0 ? order.length : place;
}

function fail(): never {
  throw new Error('nothing there');
}
