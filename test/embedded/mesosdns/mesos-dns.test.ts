import dgram from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { request } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { type DecodedPacket, decode, encode } from 'dns-packet';
import { afterEach, describe, expect, it } from 'vitest';
import type { MesosTask } from '../../../src/embedded/mesos-task.ts';
import { openDnsSockets } from '../../../src/embedded/mesosdns/dns-sockets.ts';
import {
  type EmbeddedMesosDns,
  type EmbeddedMesosDnsOptions,
  startEmbeddedMesosDns,
} from '../../../src/embedded/mesosdns/mesos-dns.ts';
import { type Logger, SILENT } from '../../../src/log/logger.ts';
import { capturedTasks } from './captured.ts';

const GREEN = '_green-zdd._tcp.marathon.mesos';
const started: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((one) => one.stop()));
});

async function start(
  tasks: readonly MesosTask[],
  options: Partial<EmbeddedMesosDnsOptions> = {},
): Promise<EmbeddedMesosDns> {
  const dns = await startEmbeddedMesosDns({ dnsPort: 0, httpPort: 0, log: SILENT, ...options });
  started.push(dns);
  dns.update(tasks);
  return dns;
}

function ask(name: string, type = 'SRV', id = 1): Buffer {
  return encode({ type: 'query', id, questions: [{ name, type: type as 'A' }] });
}

function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** Sends packets from one UDP socket until the first reply. */
async function overUdp(port: number, ...packets: Buffer[]): Promise<DecodedPacket> {
  const socket = dgram.createSocket('udp4');
  try {
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    for (const packet of packets) socket.send(packet, port, '127.0.0.1');
    const [reply] = (await once(socket, 'message')) as [Buffer];
    return decode(reply);
  } finally {
    socket.close();
  }
}

async function connected(port: number): Promise<Socket> {
  const socket = net.connect(port, '127.0.0.1').on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Resolves when the connection is gone, by whatever end. */
function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** Reads that many framed replies. */
async function replies(socket: Socket, count: number): Promise<DecodedPacket[]> {
  const found: DecodedPacket[] = [];
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    pending = Buffer.concat([pending, chunk as Buffer]);
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const end = 2 + pending.readUInt16BE(0);
      found.push(decode(pending.subarray(2, end)));
      pending = pending.subarray(end);
    }
    if (found.length >= count) break;
  }
  return found;
}

async function overTcp(port: number, packet: Buffer): Promise<DecodedPacket> {
  const socket = await connected(port);
  socket.write(framed(packet));
  const [reply] = await replies(socket, 1);
  socket.destroy();
  return reply ?? decode(Buffer.alloc(0));
}

async function overHttp(
  port: number,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string }> {
  const outgoing = request({ host: '127.0.0.1', port, path, headers, agent: false }).end();
  const [incoming] = await once(outgoing, 'response');
  let body = '';
  for await (const chunk of incoming.setEncoding('utf8')) body += chunk;
  return { status: incoming.statusCode, body };
}

describe('the embedded Mesos-DNS', () => {
  it('answers SRV with the addresses of its targets, over UDP and TCP on one port', async () => {
    const { dnsPort } = await start(capturedTasks());
    for (const reply of [await overUdp(dnsPort, ask(GREEN)), await overTcp(dnsPort, ask(GREEN))]) {
      expect(reply.answers).toMatchObject([
        {
          name: GREEN,
          ttl: 60,
          data: {
            priority: 0,
            weight: 0,
            port: 19_303,
            target: 'green-zdd-mp91g-s2.marathon.mesos',
          },
        },
      ]);
      expect(reply.additionals).toMatchObject([
        { name: 'green-zdd-mp91g-s2.marathon.mesos', type: 'A', data: '127.0.0.2' },
      ]);
      expect(reply.flag_aa).toBe(true);
    }
  });

  it('sends what a datagram cannot hold over TCP, and a resolver follows', async () => {
    const { dnsPort } = await start(capturedTasks());
    const cut = await overUdp(dnsPort, ask('_many._tcp.marathon.mesos'));
    expect([cut.flag_tc, cut.answers?.length]).toEqual([true, 9]);
    const resolver = new Resolver({ timeout: 5_000, tries: 1 });
    resolver.setServers([`127.0.0.1:${dnsPort}`]);
    expect(await resolver.resolveSrv('_many._tcp.marathon.mesos')).toHaveLength(30);
    expect(await resolver.resolve4('green-zdd.marathon.mesos')).toEqual(['127.0.0.2']);
  });

  it('shuffles the answers', async () => {
    const { dnsPort } = await start(capturedTasks());
    const orders = new Set<string>();
    // Two orders; that all of forty are the same has a chance of 2⁻³⁹.
    for (let i = 0; i < 40 && orders.size < 2; i += 1) {
      const { answers } = await overUdp(dnsPort, ask('_blue-zdd._tcp.marathon.mesos'));
      orders.add(JSON.stringify(answers?.map((rr) => rr.type === 'SRV' && rr.data.port)));
    }
    expect(orders.size).toBe(2);
  });

  it('follows an update with the next answer, over DNS and HTTP', async () => {
    const dns = await start([]);
    expect((await overUdp(dns.dnsPort, ask(GREEN))).answers).toEqual([]);
    dns.update(capturedTasks());
    expect((await overUdp(dns.dnsPort, ask(GREEN))).answers).toHaveLength(1);
    expect(JSON.parse((await overHttp(dns.httpPort, `/v1/services/${GREEN}`)).body)).toEqual([
      {
        service: GREEN,
        host: 'green-zdd-mp91g-s2.marathon.mesos.',
        ip: '127.0.0.2',
        port: '19303',
      },
    ]);
    dns.update([]);
    expect((await overUdp(dns.dnsPort, ask(GREEN))).answers).toEqual([]);
  });

  it('serves another domain, framework and TTL when told', async () => {
    const options = { domain: 'Example.test', framework: 'My_Marathon', ttlSeconds: 5 };
    const { dnsPort } = await start(capturedTasks(), options);
    const reply = await overUdp(dnsPort, ask('_green-zdd._tcp.my-marathon.example.test'));
    expect(reply.answers).toMatchObject([{ ttl: 5, data: { port: 19_303 } }]);
  });

  it('shows the ports it really has in its configuration', async () => {
    const { dnsPort, httpPort } = await start([]);
    const config = JSON.parse((await overHttp(httpPort, '/v1/config')).body);
    expect([config.Port, config.HttpPort]).toEqual([dnsPort, httpPort]);
  });

  it('does not answer a name it cannot pack, says why, and serves on', async () => {
    const warnings: object[] = [];
    const log: Logger = { ...SILENT, warn: (fields) => warnings.push(fields) };
    const { dnsPort } = await start(capturedTasks(), { log });
    const name = `_${'b'.repeat(55)}._tcp.marathon.mesos`;
    const reply = await overUdp(dnsPort, ask(name, 'SRV', 1), ask(GREEN, 'SRV', 2));
    expect(reply.id).toBe(2);
    expect(warnings).toEqual([{ name }]);
  });

  it('survives a hostile datagram of any size', async () => {
    const { dnsPort } = await start(capturedTasks());
    const hostile = [0, 1, 11, 12, 512, 4_096, 65_000].map((size) => Buffer.alloc(size, 0xff));
    expect((await overUdp(dnsPort, ...hostile, ask(GREEN, 'SRV', 9))).id).toBe(9);
  });
});

describe('a TCP client of the embedded Mesos-DNS', () => {
  it('may send several questions at once, and octet by octet', async () => {
    const { dnsPort } = await start(capturedTasks());
    const socket = await connected(dnsPort);
    socket.write(Buffer.concat([1, 2, 3].map((id) => framed(ask(GREEN, 'SRV', id)))));
    expect((await replies(socket, 3)).map(({ id }) => id)).toEqual([1, 2, 3]);
    socket.setNoDelay(true);
    for (const octet of framed(ask(GREEN, 'SRV', 4))) socket.write(Buffer.from([octet]));
    expect((await replies(socket, 1)).map(({ id }) => id)).toEqual([4]);
    socket.destroy();
  });

  it('that only speaks half keeps its connection until it has its answers', async () => {
    const { dnsPort } = await start(capturedTasks());
    const socket = await connected(dnsPort);
    socket.end(framed(ask(GREEN)));
    expect(await replies(socket, 1)).toHaveLength(1);
    socket.destroy();
  });

  it.each([
    ['a length and nothing else', Buffer.from([0, 50])],
    ['a length longer than its message', Buffer.concat([Buffer.from([0xff, 0xff]), ask(GREEN)])],
    ['half a length', Buffer.from([0])],
    ['nothing', Buffer.alloc(0)],
    ['empty messages and then half of one', Buffer.from([0, 0, 0, 0, 0, 9, 1])],
  ])('that sends %s is cut after the time for a message', async (_, octets) => {
    const { port, close } = await openDnsSockets(0, limits({ ms: 50 }), () => null, SILENT);
    started.push({ stop: close });
    const socket = await connected(port);
    socket.write(octets);
    await closing(socket.resume());
  });

  it('that trickles does not get more time by it', async () => {
    const { port, close } = await openDnsSockets(0, limits({ ms: 100 }), () => null, SILENT);
    started.push({ stop: close });
    const socket = await connected(port);
    socket.write(Buffer.from([0xff, 0xff]));
    const trickle = setInterval(() => socket.write(Buffer.from([0])), 10);
    await closing(socket.resume());
    clearInterval(trickle);
  });

  it('that does not read its replies is cut', async () => {
    let asked = 0;
    const respond = (): Buffer => {
      asked += 1;
      return Buffer.alloc(60_000);
    };
    const { port, close } = await openDnsSockets(0, limits({ ms: 60_000 }), respond, SILENT);
    started.push({ stop: close });
    const socket = await connected(port);
    socket.pause();
    const questions = Buffer.concat(new Array(500).fill(framed(ask(GREEN))));
    // A paused socket learns of its end by writing only.
    const writing = setInterval(() => socket.write(questions), 5);
    await closing(socket);
    clearInterval(writing);
    // 30 MB were asked for; what the kernel takes is some MB.
    expect(asked).toBeLessThan(500);
  });

  it('beyond the limit of connections is turned away, others are served', async () => {
    const limited = { ...limits({ ms: 60_000 }), maxTcpConnections: 1 };
    const { port, close } = await openDnsSockets(0, limited, (packet) => packet, SILENT);
    started.push({ stop: close });
    const first = await connected(port);
    first.write(framed(ask(GREEN, 'SRV', 5)));
    expect((await replies(first, 1))[0]?.id).toBe(5);
    const second = await connected(port);
    await closing(second.resume());
    first.write(framed(ask(GREEN, 'SRV', 6)));
    expect((await replies(first, 1))[0]?.id).toBe(6);
    first.destroy();
  });
});

describe('the HTTP port of the embedded Mesos-DNS', () => {
  it.each(['localhost', 'LOCALHOST:8123', '127.0.0.1', '127.1.2.3:80', '[::1]:8123'])(
    'answers to the loopback name %s',
    async (host) => {
      const { httpPort } = await start([]);
      expect((await overHttp(httpPort, '/v1/version', { host })).status).toBe(200);
    },
  );

  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    'x@localhost',
  ])('refuses the foreign name %s', async (host) => {
    const { httpPort } = await start([]);
    expect((await overHttp(httpPort, '/v1/axfr', { host })).status).toBe(403);
  });
});

describe('starting and stopping the embedded Mesos-DNS', () => {
  it('fails with the port, the protocol and the code when TCP is taken', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(start([], { dnsPort: port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      port,
      protocol: 'tcp',
      message: `embedded Mesos-DNS cannot listen on tcp port ${port} of 127.0.0.1: EADDRINUSE`,
    });
    // The DNS port is given back when the HTTP port cannot be had.
    await expect(start([], { httpPort: port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      port,
      message: expect.stringContaining('(HTTP)'),
    });
    server.close();
    await once(server, 'close');
  });

  it('fails when only UDP is taken, and frees TCP', async () => {
    // A port that TCP gave out: one of UDP's choice may be in use for TCP.
    const finder = net.createServer().listen(0, '127.0.0.1');
    await once(finder, 'listening');
    const { port } = finder.address() as AddressInfo;
    const socket = dgram.createSocket('udp4').bind(port, '127.0.0.1');
    await once(socket, 'listening');
    finder.close();
    await once(finder, 'close');
    await expect(start([], { dnsPort: port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      port,
      protocol: 'udp',
    });
    const server = net.createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    socket.close();
  });

  it('gives every port and connection back at a stop, so that it can start there again', async () => {
    const dns = await start(capturedTasks());
    const socket = await connected(dns.dnsPort);
    const closed = closing(socket.resume());
    await dns.stop();
    await closed;
    started.pop();
    const again = await start([], { dnsPort: dns.dnsPort, httpPort: dns.httpPort });
    expect([again.dnsPort, again.httpPort]).toEqual([dns.dnsPort, dns.httpPort]);
  });
});

function limits({ ms }: { ms: number }) {
  return { tcpMessageTimeoutMs: ms, maxTcpConnections: 10 };
}
