// SRV records from Mesos-DNS' HTTP API (`/v1/services/NAME`), where its DNS port cannot be reached.

import { isIP } from 'node:net';
import { Agent, request } from 'undici';
import {
  LookupError,
  type SrvAnswer,
  type SrvResolver,
  type SrvTarget,
  sortTargets,
} from './srv.ts';

const MAX_BODY_BYTES = 4_194_304;
/** The API tells no TTL; this is Mesos-DNS' own default. */
const TTL_SECONDS = 60;

export class HttpResolver implements SrvResolver {
  readonly name: string;
  readonly #agent: Agent;
  readonly #timeoutMs: number;

  /** `url` without a trailing slash: `http://10.0.0.1:8123`. */
  constructor(url: string, timeoutMs: number) {
    this.name = url;
    this.#timeoutMs = timeoutMs;
    this.#agent = new Agent({ connect: { timeout: timeoutMs }, connections: 4 });
  }

  async lookup(name: string, signal: AbortSignal): Promise<SrvAnswer> {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(this.#timeoutMs)]);
    const url = `${this.name}/v1/services/${encodeURIComponent(name)}`;
    const list = await this.#get(url, deadline);
    return { targets: sortTargets(list.flatMap(targetOf)), ttlSeconds: TTL_SECONDS };
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #get(url: string, signal: AbortSignal): Promise<readonly unknown[]> {
    try {
      const headers = { accept: 'application/json' };
      const { statusCode, body } = await request(url, { dispatcher: this.#agent, headers, signal });
      if (statusCode !== 200) {
        body.destroy();
        throw new LookupError(`answered ${statusCode}; expected 200 from Mesos-DNS' HTTP API`);
      }
      const pieces: Buffer[] = [];
      let bytes = 0;
      for await (const piece of body as AsyncIterable<Buffer>) {
        bytes += piece.length;
        if (bytes > MAX_BODY_BYTES) throw new LookupError(`answered over ${MAX_BODY_BYTES} bytes`);
        pieces.push(piece);
      }
      const value: unknown = JSON.parse(Buffer.concat(pieces).toString());
      if (!Array.isArray(value)) throw new LookupError('answered no JSON list');
      return value;
    } catch (error) {
      if (error instanceof LookupError) throw error;
      throw new LookupError(error instanceof Error ? error.message : String(error));
    }
  }
}

/** A miss is told by one entry with nothing in it. */
function targetOf(entry: unknown): readonly SrvTarget[] {
  const { host, ip, port } = (entry ?? {}) as Readonly<Record<string, unknown>>;
  const number = typeof port === 'string' || typeof port === 'number' ? Number(port) : Number.NaN;
  if (typeof host !== 'string' || typeof ip !== 'string' || isIP(ip) === 0) return [];
  if (!Number.isInteger(number) || number < 1 || number > 65_535) return [];
  const name = host.toLowerCase().replace(/\.$/, '');
  return [{ host: name, address: ip, port: number, priority: 0, weight: 1 }];
}
