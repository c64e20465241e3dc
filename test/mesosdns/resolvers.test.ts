import dgram from 'node:dgram';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { decode, encode, type Packet } from 'dns-packet';
import { afterEach, describe, expect, it } from 'vitest';
import type { MesosTask } from '../../src/embedded/mesos-task.ts';
import { startEmbeddedMesosDns } from '../../src/embedded/mesosdns/mesos-dns.ts';
import { SILENT } from '../../src/log/logger.ts';
import { srvNameOf } from '../../src/mesosdns/names.ts';
import { Resolvers, readResolver } from '../../src/mesosdns/resolvers.ts';
import type { SrvAnswer, SrvResolver } from '../../src/mesosdns/srv.ts';

const NAME = '_blue-zdd._tcp.marathon.mesos';
const NEVER = new AbortController().signal;

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function task(place: number): MesosTask {
  return {
    id: `zdd_blue.${place}`,
    name: 'blue.zdd',
    slaveId: `agent-S${place}`,
    agentAddress: `127.0.1.${place + 1}`,
    address: `127.0.1.${place + 1}`,
    ports: [{ number: 31_000 + place, protocol: 'tcp', name: '' }],
  };
}

async function mesosDns(tasks: number) {
  const dns = await startEmbeddedMesosDns({ dnsPort: 0, httpPort: 0, log: SILENT });
  closing.push(() => dns.stop());
  dns.update(Array.from({ length: tasks }, (_, place) => task(place)));
  return dns;
}

function resolversOf(...texts: string[]): Resolvers {
  const resolvers = new Resolvers(texts.map((text) => readResolver(text) as SrvResolver));
  closing.push(() => resolvers.close());
  return resolvers;
}

type Answerer = (asked: Packet, reply: (answer: Buffer, times?: number) => void) => void;

/** A DNS server over UDP that answers as the test says. */
async function scripted(answer: Answerer): Promise<string> {
  const socket = dgram.createSocket('udp4');
  closing.push(() => socket.close());
  socket.on('message', (bytes, from) => {
    answer(decode(bytes), (reply) => socket.send(reply, from.port, from.address));
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return `127.0.0.1:${socket.address().port}`;
}

function reply(asked: Packet, more: Partial<Packet> = {}): Buffer {
  const { id, questions } = asked;
  return encode({ type: 'response', id, questions, ...more } as Packet);
}

const srv = (target: string, port: number, ttl = 60) =>
  ({ type: 'SRV', name: NAME, ttl, data: { target, port, priority: 0, weight: 1 } }) as const;
const a = (name: string, address: string) => ({ type: 'A', name, ttl: 60, data: address }) as const;

const addressesOf = ({ targets }: SrvAnswer) => targets.map((one) => `${one.address}:${one.port}`);

describe('a SRV lookup', () => {
  it('is named as Mesos-DNS names the tasks of a Marathon app', () => {
    expect(srvNameOf('/zdd/blue', 'marathon', 'mesos')).toBe(NAME);
    expect(srvNameOf('/a_b/C.d', 'my.marathon', 'dcos.test')).toBe(
      '_c-d-a-b._tcp.my.marathon.dcos.test',
    );
  });

  it('brings hosts, addresses and ports of ADDITIONAL with the smallest TTL', async () => {
    const dns = await mesosDns(2);
    const answer = await resolversOf(`127.0.0.1:${dns.dnsPort}`).lookup(NAME, NEVER);
    expect(addressesOf(answer).sort()).toEqual(['127.0.1.1:31000', '127.0.1.2:31001']);
    expect(answer.ttlSeconds).toBe(60);
    expect(answer.targets[0]?.host).toMatch(/^blue-zdd-[a-z0-9]{5}-s[01]\.marathon\.mesos$/);
  });

  it('is repeated over TCP when the answer is truncated, and whole then', async () => {
    const dns = await mesosDns(60);
    const answer = await resolversOf(`127.0.0.1:${dns.dnsPort}`).lookup(NAME, NEVER);
    expect(answer.targets).toHaveLength(60);
    expect(new Set(addressesOf(answer)).size).toBe(60);
  });

  it('asks the HTTP API with the same result', async () => {
    const dns = await mesosDns(3);
    const byDns = await resolversOf(`127.0.0.1:${dns.dnsPort}`).lookup(NAME, NEVER);
    const byHttp = await resolversOf(`http://127.0.0.1:${dns.httpPort}`).lookup(NAME, NEVER);
    expect(addressesOf(byHttp)).toEqual(addressesOf(byDns));
  });

  it('of a name without servers is an empty answer, by DNS and by HTTP', async () => {
    const dns = await mesosDns(0);
    for (const text of [`127.0.0.1:${dns.dnsPort}`, `http://127.0.0.1:${dns.httpPort}`]) {
      expect((await resolversOf(text).lookup(NAME, NEVER)).targets).toEqual([]);
    }
  });

  it('asks for the addresses that ADDITIONAL does not bring', async () => {
    const server = await scripted((asked, send) => {
      const type = asked.questions?.[0]?.type;
      if (type === 'SRV')
        send(reply(asked, { answers: [srv('One.test.', 1), srv('two.test', 2)] }));
      else if (asked.questions?.[0]?.name === 'two.test') send(reply(asked));
      else send(reply(asked, { answers: [a('ONE.test', '127.0.2.1')] }));
    });
    const answer = await resolversOf(server).lookup(NAME, NEVER);
    expect(addressesOf(answer)).toEqual(['127.0.2.1:1']);
  });

  it.each<[string, (asked: Packet) => Buffer]>([
    ['noise', () => Buffer.from('no DNS at all')],
    ['an empty datagram', () => Buffer.alloc(0)],
    ['another id', (asked) => reply({ ...asked, id: ((asked.id ?? 0) + 1) % 65_536 })],
    ['another name', (asked) => reply({ ...asked, questions: [{ type: 'SRV', name: 'x.test' }] })],
    [
      'a question instead of an answer',
      ({ id, questions = [] }) => encode({ type: 'query', id: id ?? 0, questions }),
    ],
    ['a cut packet', (asked) => reply(asked, { answers: [srv('evil.test', 9)] }).subarray(0, 50)],
  ])('passes over %s and takes the answer that follows', async (_, forge) => {
    const server = await scripted((asked, send) => {
      send(forge(asked));
      send(
        reply(asked, { answers: [srv('one.test', 1)], additionals: [a('one.test', '127.0.2.1')] }),
      );
    });
    expect(addressesOf(await resolversOf(server).lookup(NAME, NEVER))).toEqual(['127.0.2.1:1']);
  });

  it('leaves out targets with port 0', async () => {
    const server = await scripted((asked, send) =>
      send(
        reply(asked, { answers: [srv('one.test', 0)], additionals: [a('one.test', '127.0.2.1')] }),
      ),
    );
    expect((await resolversOf(server).lookup(NAME, NEVER)).targets).toEqual([]);
  });
});

describe('several resolvers', () => {
  it('are asked in turn, and the one that answered comes first afterwards', async () => {
    let asked = 0;
    const failing = await scripted((packet, send) => {
      asked += 1;
      send(reply(packet, { flags: 2 }));
    });
    const dns = await mesosDns(1);
    const resolvers = resolversOf(failing, `127.0.0.1:${dns.dnsPort}`);
    expect((await resolvers.lookup(NAME, NEVER)).targets).toHaveLength(1);
    expect(resolvers.first).toBe(`127.0.0.1:${dns.dnsPort}`);
    await resolvers.lookup(NAME, NEVER);
    expect(asked).toBe(1);
  });

  it('say of each why it gave no answer when none did', async () => {
    const closed = net.createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    const failing = await scripted((asked, send) => send(reply(asked, { flags: 2 })));
    const resolvers = resolversOf(failing, `http://127.0.0.1:${port}`);
    await expect(resolvers.lookup(NAME, NEVER)).rejects.toThrow(/SERVFAIL.*; http:.*ECONNREFUSED/);
  });

  it('give up at once when the lookup is not wanted any more', async () => {
    const silent = await scripted(() => {});
    const wanted = new AbortController();
    const looking = resolversOf(silent, silent).lookup(NAME, wanted.signal);
    wanted.abort();
    await expect(looking).rejects.toThrow('given up');
  });
});

describe('a resolver as it is configured', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1:53'],
    ['10.0.0.1:8053', '10.0.0.1:8053'],
    ['::1', '[::1]:53'],
    ['[::1]:8053', '[::1]:8053'],
    ['http://10.0.0.1:8123/', 'http://10.0.0.1:8123'],
  ])('%s is %s', (text, name) => {
    const resolver = readResolver(text);
    closing.push(() => resolver?.close());
    expect(resolver?.name).toBe(name);
  });

  it.each([
    '',
    'dns.test',
    '10.0.0.1:',
    '10.0.0.1:0',
    '10.0.0.1:65536',
    'http://',
    '[::1',
    'ftp://x',
  ])('%j is none', (text) => {
    expect(readResolver(text)).toBeNull();
  });
});
