// A Mesos-DNS small enough to run beside the demo: the names, answers and HTTP API of the real one, fed
// by the embedded Marathon instead of a Mesos master. Every answer is made of one set of records.

import { randomInt } from 'node:crypto';
import type { Logger } from '../../log/logger.ts';
import { mangleParts } from '../../mesosdns/names.ts';
import type { MesosTask } from '../mesos-task.ts';
import { type Answer, answerTo } from './answer.ts';
import { openDnsSockets } from './dns-sockets.ts';
import { apiReply } from './http-api.ts';
import { openHttp } from './http-server.ts';
import { type Query, readQuery } from './query.ts';
import { makeRecords, type Records } from './records.ts';
import { writeReply } from './reply.ts';
import type { Zone } from './zone.ts';

export interface EmbeddedMesosDnsOptions {
  /** UDP and TCP; 0 = any port free for both. */
  readonly dnsPort: number;
  /** 0 = any. */
  readonly httpPort: number;
  readonly log: Logger;
  /** Absent: `mesos`. */
  readonly domain?: string;
  /** Absent: 60. */
  readonly ttlSeconds?: number;
  /** Absent: `marathon`. */
  readonly framework?: string;
}

/** Running from the start, without tasks until the first `update`. Whoever starts it must `stop` it. */
export interface EmbeddedMesosDns {
  readonly dnsPort: number;
  readonly httpPort: number;
  /** Replaces what is known; answers follow at once. */
  update(tasks: readonly MesosTask[]): void;
  /** Closes ports and connections. */
  stop(): Promise<void>;
}

const LIMITS = { tcpMessageTimeoutMs: 8_000, maxTcpConnections: 100 } as const;

/** Rejects with a ListenError that says which port; its `code` is the system's. */
export async function startEmbeddedMesosDns(
  options: EmbeddedMesosDnsOptions,
): Promise<EmbeddedMesosDns> {
  const { log } = options;
  const zone = zoneOf(options);
  let records = makeRecords([], zone, nowSeconds());
  const dns = await openDnsSockets(
    options.dnsPort,
    LIMITS,
    (packet, maxBytes) => respond(packet, maxBytes, records, zone, log),
    log,
  );
  try {
    const http = await openHttp(
      options.httpPort,
      (request, httpPort) => apiReply(request, { records, zone, dnsPort: dns.port, httpPort }),
      log,
    );
    return {
      dnsPort: dns.port,
      httpPort: http.port,
      update(tasks) {
        records = makeRecords(tasks, zone, nowSeconds());
      },
      async stop() {
        await Promise.all([dns.close(), http.close()]);
      },
    };
  } catch (error) {
    await dns.close();
    throw error;
  }
}

function zoneOf({ domain, framework, ttlSeconds }: EmbeddedMesosDnsOptions): Zone {
  return {
    domain: mangleParts(domain ?? 'mesos'),
    framework: framework ?? 'marathon',
    ttlSeconds: ttlSeconds ?? 60,
    address: '127.0.0.1',
    masterPort: 5050,
    frameworkPort: null,
  };
}

function respond(
  packet: Buffer,
  maxBytes: number,
  records: Records,
  zone: Zone,
  log: Logger,
): Buffer | null {
  const query = readQuery(packet);
  if (query === null) return null;
  const reply = writeReply(query, answerOf(query, records, zone), zone.ttlSeconds, maxBytes);
  if (reply === null) {
    const name = query.question?.name;
    log.warn({ name }, 'dns: bad rdata: a name of the answer has a label over 63 octets, no reply');
  }
  return reply;
}

function answerOf(query: Query, records: Records, zone: Zone): Answer {
  if (query.question !== null) return answerTo(query.question, records, zone, shuffle);
  const { rcode } = query;
  return { rcode, authoritative: false, answers: [], authorities: [], additionals: [] };
}

/** Fisher–Yates, on a copy. */
function shuffle<T>(items: readonly T[]): T[] {
  const shuffled = [...items];
  for (let i = shuffled.length - 1; i > 0; i -= 1) {
    const j = randomInt(i + 1);
    [shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T];
  }
  return shuffled;
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
