// The HTTP server: guards, bodies, routing, replies. Loopback only; every refusal is JSON with a message.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '../../log/logger.ts';
import { AGENT_ADDRESS } from './agent.ts';
import type { ApiRequest, Reply, Route } from './api.ts';
import { ApiError } from './api-error.ts';
import { acceptsEvents, type EventStreams, METHOD_NOT_SUPPORTED } from './event-stream.ts';
import { refuseForeign, refuseOtherThanJson } from './guards.ts';
import type { Json } from './json.ts';

const MAX_BODY_BYTES = 4 * 1024 * 1024;
const MAX_DEPTH = 100;

export interface HttpServerOptions {
  readonly port: number;
  readonly routes: readonly Route[];
  readonly streams: EventStreams;
  readonly log: Logger;
}

function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) {
        request.pause();
        reject(new ApiError(413, `Request bodies are limited to ${MAX_BODY_BYTES} bytes`));
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('error', reject);
  });
}

/** What is compared and written recursively later must not be able to exhaust the stack. */
function deeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => deeperThan(inner, levels - 1));
}

function parseBody(text: string): Json {
  if (text.trim() === '') {
    throw new ApiError(400, 'Please specify data in JSON format', {
      details:
        'No content to map due to end-of-input\n at [Source: (String)""; line: 1, column: 0]',
    });
  }
  let body: Json;
  try {
    body = JSON.parse(text) as Json;
  } catch (error) {
    const details = error instanceof Error ? error.message : String(error);
    throw new ApiError(400, 'Invalid JSON', { details });
  }
  if (deeperThan(body, MAX_DEPTH)) {
    throw new ApiError(400, 'Invalid JSON', { details: `nested deeper than ${MAX_DEPTH} levels` });
  }
  return body;
}

async function bodyOf(request: IncomingMessage): Promise<Json | undefined> {
  const length = request.headers['content-length'];
  const declared = length !== undefined && length !== '0';
  if (!declared && request.headers['transfer-encoding'] === undefined) {
    return undefined;
  }
  refuseOtherThanJson(request.headers);
  return parseBody(await readBody(request));
}

function dispatch(routes: readonly Route[], request: ApiRequest): Reply {
  const matching = routes.flatMap((route) => {
    const match = route.pattern.exec(request.path);
    return match ? [{ route, match }] : [];
  });
  // The first pattern that fits decides which resource this is; others only share its path by accident.
  const resource = matching.filter(
    ({ route }) => route.pattern.source === matching[0]?.route.pattern.source,
  );
  if (resource.length === 0) throw new ApiError(404, 'URI not found');
  const allowed = [...new Set(resource.map(({ route }) => route.method))];
  if (request.method === 'OPTIONS') {
    return { status: 204, headers: { Allow: [...allowed, 'HEAD', 'OPTIONS'].join(', ') } };
  }
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const found = resource.find(({ route }) => route.method === method);
  if (!found) throw new ApiError(405, 'Method Not Allowed');
  return found.route.handle(
    request,
    found.match.slice(1).map((group) => group ?? ''),
  );
}

function write(response: ServerResponse, method: string, reply: Reply): void {
  const { status, headers, body, text } = reply;
  const content = text ?? (body === undefined ? '' : JSON.stringify(body));
  const type = text === undefined ? 'application/json' : 'text/plain; charset=utf-8';
  const bytes = Buffer.byteLength(content);
  response.writeHead(status, {
    ...(content === '' ? {} : { 'Content-Type': type }),
    ...(status === 204 ? {} : { 'Content-Length': bytes }),
    ...headers,
  });
  response.end(method === 'HEAD' ? undefined : content);
}

export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #server: Server;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#server = createServer(
      { maxHeaderSize: 16_384, keepAliveTimeout: 30_000, requestTimeout: 30_000 },
      (request, response) => void this.#serve(request, response),
    );
  }

  get port(): number {
    const address = this.#server.address();
    return address === null || typeof address === 'string' ? 0 : (address as AddressInfo).port;
  }

  /** Rejects with the error of listen, its `code` untouched. */
  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port: this.#options.port, host: AGENT_ADDRESS }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#options.streams.stop();
    this.#server.closeIdleConnections();
    // What is still open after its answer belongs to clients that do not let go.
    setImmediate(() => this.#server.closeAllConnections());
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? 'GET';
    this.#standardHeaders(response);
    try {
      refuseForeign(request.headers);
      const url = this.#url(request);
      if (url.pathname === '/v2/events') {
        this.#events(request, response, url);
        return;
      }
      const body = await bodyOf(request);
      const reply = dispatch(this.#options.routes, {
        method,
        path: decodePath(url.pathname),
        query: url.searchParams,
        accept: request.headers.accept ?? '*/*',
        body,
        remoteAddress: request.socket.remoteAddress ?? '',
      });
      write(response, method, reply);
    } catch (error) {
      this.#refuse(request, response, method, error);
    }
  }

  #standardHeaders(response: ServerResponse): void {
    response.setHeader('Cache-Control', 'no-cache, no-store, must-revalidate');
    response.setHeader('Pragma', 'no-cache');
    response.setHeader('Expires', '0');
    response.setHeader('X-Marathon-Leader', `http://${AGENT_ADDRESS}:${this.port}`);
    response.setHeader('X-Frame-Options', 'DENY');
    response.setHeader('X-XSS-Protection', '1; mode=block');
  }

  #url(request: IncomingMessage): URL {
    const target = request.url ?? '/';
    // `//x` is a path here (`/v2/apps//x` is common), never an authority.
    const absolute = target.startsWith('/') ? `http://${AGENT_ADDRESS}${target}` : target;
    try {
      return new URL(absolute);
    } catch {
      throw new ApiError(400, `Request target '${target}' cannot be understood`);
    }
  }

  #events(request: IncomingMessage, response: ServerResponse, url: URL): void {
    if (request.method === 'OPTIONS') {
      response.writeHead(200, { Allow: 'GET, HEAD, OPTIONS', 'Content-Length': 0 }).end();
    } else if (request.method === 'GET' && acceptsEvents(request)) {
      this.#options.streams.attach(request, response, url.searchParams.getAll('event_type'));
    } else {
      const html = { 'Content-Type': 'text/html;charset=iso-8859-1' };
      response.writeHead(405, html).end(METHOD_NOT_SUPPORTED);
    }
  }

  #refuse(
    request: IncomingMessage,
    response: ServerResponse,
    method: string,
    error: unknown,
  ): void {
    if (request.destroyed && !request.complete) {
      // The client went away in the middle of its own request.
      response.destroy();
      return;
    }
    // An unread body must not be taken for the next request.
    if (!request.complete) response.setHeader('Connection', 'close');
    if (error instanceof ApiError) {
      write(response, method, { status: error.status, body: error.body });
      return;
    }
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#options.log.error({ method, url: request.url }, `embedded Marathon failed: ${message}`);
    write(response, method, { status: 500, body: { message: 'Internal Server Error' } });
  }
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new ApiError(400, `Path '${path}' is not validly percent-encoded`);
  }
}
