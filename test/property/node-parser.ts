// Node's own HTTP parser as the second opinion: a server that tells how it understood a stream of
// requests, a client that tells how it understood a response.

import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';

export interface Understood {
  readonly method: string;
  readonly target: string;
  /** [name, value, name, value …] as Node keeps them. */
  readonly rawHeaders: readonly string[];
  readonly bodyBytes: number;
}

export class NodeParser {
  readonly #server: http.Server;
  #requests: Understood[] = [];

  private constructor(server: http.Server) {
    this.#server = server;
    server.on('request', (request, response) => {
      const place = this.#requests.length;
      const understood = {
        method: request.method ?? '',
        target: request.url ?? '',
        rawHeaders: request.rawHeaders,
        bodyBytes: 0,
      };
      this.#requests.push(understood);
      request.on('data', (chunk: Buffer) => {
        this.#requests[place] = {
          ...understood,
          bodyBytes: (this.#requests[place]?.bodyBytes ?? 0) + chunk.length,
        };
      });
      request.on('end', () => response.end());
    });
  }

  static async start(): Promise<NodeParser> {
    const server = http.createServer({ insecureHTTPParser: false, keepAliveTimeout: 0 });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new NodeParser(server);
  }

  /**
   * How Node reads a stream that ends with a request that closes the connection. Null when it refused
   * something in it.
   */
  async understand(stream: string): Promise<readonly Understood[] | null> {
    this.#requests = [];
    const { port } = this.#server.address() as AddressInfo;
    const socket = net.connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.end(stream, 'latin1');
    await once(socket, 'close');
    return /^HTTP\/1\.1 4\d\d /m.test(answer) ? null : this.#requests;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

export interface UnderstoodResponse {
  readonly status: number;
  readonly rawHeaders: readonly string[];
}

/** How Node's client reads one response to a GET; null when it refuses it. */
export async function understandResponse(bytes: string): Promise<UnderstoodResponse | null> {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(bytes, 'latin1'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    return await new Promise((resolve) => {
      const request = http.get({ port, host: '127.0.0.1', agent: false });
      request.on('error', () => resolve(null));
      request.on('response', (response) => {
        resolve({ status: response.statusCode ?? 0, rawHeaders: response.rawHeaders });
        response.resume();
        response.on('error', () => {});
      });
    });
  } finally {
    server.close();
  }
}
