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
  readonly body: string;
  /** Its end was seen. */
  readonly whole: boolean;
}

interface Growing extends Understood {
  body: string;
  whole: boolean;
}

export class NodeParser {
  readonly port: number;
  readonly #server: http.Server;
  #requests: Growing[] = [];
  #faults: string[] = [];

  private constructor(server: http.Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('request', (request, response) => {
      const understood: Growing = {
        method: request.method ?? '',
        target: request.url ?? '',
        rawHeaders: request.rawHeaders,
        body: '',
        whole: false,
      };
      this.#requests.push(understood);
      request.on('data', (piece: Buffer) => {
        understood.body += piece.toString('latin1');
      });
      request.on('error', () => {});
      request.on('end', () => {
        understood.whole = true;
        response.end();
      });
    });
    server.on('clientError', (error: ParseError, socket) => {
      // The parser says the same again for every later piece.
      if (socket.writableEnded) return;
      this.#faults.push(faultOf(error));
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    });
  }

  static async start(): Promise<NodeParser> {
    const server = http.createServer({ insecureHTTPParser: false, keepAliveTimeout: 0 });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new NodeParser(server);
  }

  /** What was refused since the last call, as Node's codes; UNKNOWN_METHOD for sound requests. */
  takeFaults(): readonly string[] {
    const faults = this.#faults;
    this.#faults = [];
    return faults;
  }

  /** The requests seen since the last call. */
  takeRequests(): readonly Understood[] {
    const requests = this.#requests;
    this.#requests = [];
    return requests;
  }

  /**
   * How Node reads a stream that ends with a request that closes the connection. Null when it refused
   * something in it.
   */
  async understand(stream: string): Promise<readonly Understood[] | null> {
    this.takeRequests();
    const answer = await talk(this.port, [stream]);
    const requests = this.takeRequests();
    return /^HTTP\/1\.1 4\d\d /m.test(answer) ? null : requests;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

/** What llhttp tells of what it refuses. */
interface ParseError extends Error {
  readonly code?: string;
  readonly reason?: string;
  readonly rawPacket?: Buffer;
}

/** A sound request whose method Node does not know; Teal passes any on. */
export const UNKNOWN_METHOD = 'UNKNOWN_METHOD';
/** A chunk extension that breaks its grammar; Teal drops extensions without reading them. */
export const BAD_EXTENSION = 'BAD_EXTENSION';

function faultOf({ code = '', reason = '', rawPacket }: ParseError): string {
  if (/chunk extension/i.test(reason)) return BAD_EXTENSION;
  // Node has one code for a method it does not know and for bytes that are no request at all.
  const [, method] = /^(\S+) \S+ HTTP\/1\.1\r\n/.exec(rawPacket?.toString('latin1') ?? '') ?? [];
  const isSound = method !== undefined && !http.METHODS.includes(method);
  return code === 'HPE_INVALID_METHOD' && isSound ? UNKNOWN_METHOD : code;
}

/** Sends pieces one by one, then FIN; resolves with what came back until the end. */
export async function talk(port: number, pieces: readonly string[]): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  let answer = '';
  socket.on('data', (piece: Buffer) => {
    answer += piece.toString('latin1');
  });
  socket.on('error', () => {});
  const closed = once(socket, 'close');
  for (const piece of pieces.slice(0, -1)) {
    socket.write(piece, 'latin1');
    await new Promise(setImmediate);
  }
  socket.end(pieces.at(-1) ?? '', 'latin1');
  await closed;
  return answer;
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
