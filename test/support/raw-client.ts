// A client that sends bytes as they are and reads responses one by one.

import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import type { Ending } from './byte-queue.ts';
import { type Framing, type Message, readMessage, valuesOf } from './message.ts';
import { Peer } from './peer.ts';

export interface RawResponse extends Message {
  readonly status: number;
  readonly reason: string;
}

export interface Outcome {
  /** Status of every response that came whole, 1xx included. */
  readonly statuses: readonly number[];
  readonly responses: readonly RawResponse[];
  /** How the connection ended; `open` when all asked for came and it was not closed. */
  readonly ending: Ending | 'open';
}

export class RawClient extends Peer {
  /** Connects to 127.0.0.1. The socket stays half open after the other side's FIN. */
  static async connect(port: number): Promise<RawClient> {
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** The same over TLS, trusting any certificate; `servername` is the SNI. */
  static async connectTls(port: number, servername: string): Promise<RawClient> {
    const socket = tls.connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    return new RawClient(socket);
  }

  /** Reads the next response (1xx are responses of their own) to a request of `method`. */
  async response(method = 'GET'): Promise<RawResponse> {
    const message = await readMessage(this.incoming, (head) => framingOf(head, method));
    const [, status = '', reason = ''] =
      /^HTTP\/1\.\d (\d{3}) ?(.*)$/.exec(message.startLine) ?? [];
    if (status === '') throw new Error(`not a status line: ${JSON.stringify(message.startLine)}`);
    return { ...message, status: Number(status), reason };
  }

  /** Reads the next response that is not a 1xx. */
  async finalResponse(method = 'GET'): Promise<RawResponse> {
    for (;;) {
      const response = await this.response(method);
      if (response.status >= 200 || response.status === 101) return response;
    }
  }

  /** Writes a request and reads its final response. */
  async request(bytes: string | Buffer, method?: string): Promise<RawResponse> {
    const text = bytes.slice(0, 20).toString('latin1');
    void this.write(bytes);
    return this.finalResponse(method ?? text.slice(0, text.indexOf(' ')));
  }
}

/** One request on a connection of its own, closed afterwards. */
export async function requestOnce(port: number, bytes: string | Buffer): Promise<RawResponse> {
  const client = await RawClient.connect(port);
  try {
    return await client.request(bytes);
  } finally {
    client.destroy();
  }
}

/** Sends bytes on a fresh connection and reads up to `most` responses, or to the end. */
export async function send(port: number, bytes: string | Buffer, most = 10): Promise<Outcome> {
  const client = await RawClient.connect(port);
  const responses: RawResponse[] = [];
  void client.write(bytes);
  try {
    while (responses.length < most && (await client.incoming.more())) {
      responses.push(await client.response());
    }
    return {
      responses,
      statuses: responses.map((response) => response.status),
      ending: client.incoming.ending ?? 'open',
    };
  } finally {
    client.destroy();
  }
}

function framingOf(head: Pick<Message, 'startLine' | 'fields'>, method: string): Framing {
  const status = Number(head.startLine.slice(9, 12));
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return 'none';
  const encodings = valuesOf(head, 'transfer-encoding');
  const lengths = valuesOf(head, 'content-length');
  if (encodings.length + lengths.length > 1) {
    throw new Error(`framed twice: ${[...encodings, ...lengths].join(' | ')}`);
  }
  if (encodings.length === 1) return 'chunked';
  return lengths.length === 1 ? Number(lengths[0]) : 'until-close';
}
