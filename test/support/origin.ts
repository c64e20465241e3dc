// A server behind Teal that does what a script says, byte by byte, and remembers what it received.

import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { bindSocket } from '../../src/fleet/socket.ts';
import { type Framing, type Message, readMessage, valuesOf } from './message.ts';
import { Peer } from './peer.ts';

export interface OriginRequest extends Message {
  readonly method: string;
  readonly target: string;
}

/** A small answer that keeps the connection. */
export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** What an origin does with each connection; it may end at any time, the connection stays. */
export type Script = (connection: OriginConnection) => Promise<void>;

export class OriginConnection extends Peer {
  /** Reads the next request with its body; null when the connection ended before one began. */
  async request(): Promise<OriginRequest | null> {
    if (!(await this.incoming.more(60_000))) return null;
    const message = await readMessage(this.incoming, framingOf);
    const [method = '', target = ''] = message.startLine.split(' ');
    return { ...message, method, target };
  }

  /** Reads only the head of the next request. */
  async head(): Promise<string> {
    return this.incoming.through('\r\n\r\n');
  }
}

export class Origin {
  readonly port: number;
  readonly connections: OriginConnection[] = [];
  /** Whole requests, in the order they came (of scripts that read them by `answering`). */
  readonly requests: OriginRequest[] = [];
  readonly #server: net.Server;

  private constructor(server: net.Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  /** Listens on a free port of 127.0.0.1 and runs `script` on every connection. */
  static async scripted(script: Script): Promise<Origin> {
    const server = net.createServer({ allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const origin = new Origin(server);
    server.on('connection', (socket) => {
      const connection = new OriginConnection(socket);
      origin.connections.push(connection);
      server.emit('served');
      script(connection).catch(() => connection.destroy());
    });
    return origin;
  }

  /** Answers every whole request with the same bytes, or with what `answer` makes of it. */
  static async answering(
    answer: string | ((request: OriginRequest, connection: OriginConnection) => string),
  ): Promise<Origin> {
    const origin: Origin = await Origin.scripted(async (connection) => {
      for (;;) {
        const request = await connection.request();
        if (request === null) {
          connection.end();
          return;
        }
        origin.requests.push(request);
        void connection.write(typeof answer === 'string' ? answer : answer(request, connection));
      }
    });
    return origin;
  }

  /** Reads one whole request per connection, writes `bytes` and does nothing more. */
  static sending(bytes: string): Promise<Origin> {
    return Origin.scripted(async (connection) => {
      if ((await connection.request()) !== null) await connection.write(bytes);
    });
  }

  /** The next connection that comes, or the first that came if `place` says so. */
  async connection(place = 0): Promise<OriginConnection> {
    while (this.connections.length <= place) {
      await once(this.#server, 'served', { signal: AbortSignal.timeout(8_000) });
    }
    return this.connections[place] as OriginConnection;
  }

  /** Everything all connections received, as latin1. */
  get received(): string {
    return this.connections.map((connection) => connection.received).join('');
  }

  /** Closes the listener and cuts every connection. */
  async close(): Promise<void> {
    for (const connection of this.connections) connection.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

/** Kept, as what is collected is closed. */
const refusing: unknown[] = [];

/**
 * A port of 127.0.0.1 where nobody listens, and nobody else can: it stays bound. A port that is only closed
 * may be given to the origin of another test, which would be connected to from here.
 */
export function refusedPort(): number {
  const bound = bindSocket('127.0.0.1', 0);
  if ('error' in bound) throw new Error(bound.error);
  refusing.push(bound.handle);
  return bound.port;
}

function framingOf(head: Pick<Message, 'startLine' | 'fields'>): Framing {
  const encodings = valuesOf(head, 'transfer-encoding');
  const lengths = valuesOf(head, 'content-length');
  if (encodings.length + lengths.length > 1) {
    throw new Error(`framed twice: ${[...encodings, ...lengths].join(' | ')}`);
  }
  if (encodings.length === 1) return 'chunked';
  return lengths.length === 1 ? Number(lengths[0]) : 'none';
}
