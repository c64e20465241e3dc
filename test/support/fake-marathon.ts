// A scripted Marathon on port 0: what it answers to GET /v2/apps and on its event stream is set by the
// test, good or bad. It counts what it is asked.

import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** Answers one request; `hang` never does. */
export type Script = (request: IncomingMessage, response: ServerResponse) => void;

export function sendJson(value: unknown): Script {
  return (_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(value));
  };
}

export const sendStatus =
  (status: number, headers: Record<string, string> = {}): Script =>
  (_request, response) => {
    response.writeHead(status, headers).end('<html>no</html>');
  };

export const sendText =
  (text: string): Script =>
  (_request, response) => {
    response.end(text);
  };

/** Promises more than it sends, then breaks the connection. */
export const sendHalf =
  (text: string): Script =>
  (_request, response) => {
    response.writeHead(200, { 'content-length': String(text.length) });
    response.write(text.slice(0, text.length / 2), () => response.destroy());
  };

export const reset: Script = (request) => {
  request.socket.resetAndDestroy();
};

export const hang: Script = () => {};

/** Opens a stream as Marathon does: no length, no chunks. */
const openStream: Script = (_request, response) => {
  response.useChunkedEncodingByDefault = false;
  response.writeHead(200, { 'content-type': 'text/event-stream;charset=utf-8' });
  response.flushHeaders();
};

export class FakeMarathon {
  /** `apps` and `events` with the request, each time one comes; `closed` when a stream closes. */
  readonly seen = new EventEmitter<{
    apps: [IncomingMessage];
    events: [IncomingMessage];
    closed: [];
  }>();
  apps: Script = sendJson({ apps: [] });
  /** Answers for one app, by id; an app that is not in it is a 404. */
  readonly singles = new Map<string, Script>();
  events: Script = openStream;
  appsAsked = 0;
  streamsAsked = 0;
  /** Ids of the apps asked for one by one. */
  readonly singlesAsked: string[] = [];
  readonly #streams = new Set<ServerResponse>();
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<FakeMarathon> {
    const server = createServer((request, response) => marathon.#answer(request, response));
    const marathon = new FakeMarathon(server);
    server.on('connection', (socket) => {
      marathon.#sockets.add(socket);
      socket.on('close', () => marathon.#sockets.delete(socket));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return marathon;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Streams that are open now. */
  get streams(): number {
    return this.#streams.size;
  }

  /** Sends raw text on every open stream. */
  push(text: string): void {
    for (const stream of this.#streams) stream.write(text);
  }

  pushEvent(type: string, fields: object = {}): void {
    const data = JSON.stringify({ eventType: type, ...fields });
    this.push(`event: ${type}\r\ndata: ${data}\r\n\r\n`);
  }

  endStreams(): void {
    for (const stream of this.#streams) stream.end();
  }

  async stop(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? '/', 'http://marathon');
    if (pathname === '/v2/apps') {
      this.appsAsked += 1;
      this.apps(request, response);
      this.seen.emit('apps', request);
    } else if (pathname.startsWith('/v2/apps/')) {
      const id = decodeURIComponent(pathname.slice('/v2/apps'.length));
      this.singlesAsked.push(id);
      (this.singles.get(id) ?? sendStatus(404))(request, response);
    } else if (pathname === '/v2/events') {
      this.streamsAsked += 1;
      this.#streams.add(response);
      response.on('close', () => {
        this.#streams.delete(response);
        this.seen.emit('closed');
      });
      this.events(request, response);
      this.seen.emit('events', request);
    } else {
      sendStatus(404)(request, response);
    }
  }
}

/** Resolves when `holds` does; looks again every few ms, gives up after ten seconds. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
