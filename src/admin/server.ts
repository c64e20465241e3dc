// The HTTP server of the admin port: bounded in heads, time and connections, so that whoever can reach
// it cannot take it away from others. Any method is a GET, as with HAProxy's stats; HEAD has no body.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '../log/logger.ts';
import type { InstanceFacts } from '../stats/peers.ts';
import type { View } from '../stats/view.ts';
import { send } from './answer.ts';
import type { Explain } from './api/explain-question.ts';
import { DrainWaits, readDrainQuestion } from './drain-wait.ts';
import { FreshView } from './fresh-view.ts';
import type { Readiness } from './health.ts';
import { isLive, LIVE_PATH, LiveStreams } from './live.ts';
import type { MarathonLbContext } from './marathon-lb.ts';
import { answerOrder, isOrder, type OrderContext } from './orders.ts';
import { PeerProxy, type PeerUrl } from './peers/peer-proxy.ts';
import { answerTo, type RouteContext } from './routes.ts';

export interface AdminOptions {
  /** `*` = all addresses of both families, else an IP. */
  readonly address: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Fresh numbers, gathered for this request. */
  readonly view: () => Promise<View>;
  /** Why no traffic should come here: one clause; empty = it may. Absent = it may always. */
  readonly notReady?: Readiness;
  readonly config: MarathonLbContext['config'];
  readonly signals: MarathonLbContext['signals'];
  /** Absent = nothing can be explained here. */
  readonly explain?: Explain;
  /** What this instance says of itself to its peers; absent = it has none to say it to. */
  readonly instance?: () => InstanceFacts;
  /** Where a peer is shown from; absent = there are none. */
  readonly peerUrl?: PeerUrl;
  /** Absent = orders are not taken here. */
  readonly orders?: Pick<OrderContext, 'desk' | 'adminToken'>;
  readonly log: Logger;
}

type ServerContext = RouteContext & Pick<AdminOptions, 'orders'>;

export interface Admin {
  readonly port: number;
  /** Stops accepting; answers being written may end, at most CLOSE_GRACE_MS long. */
  close(): Promise<void>;
}

const VIEW_DEADLINE_MS = 2_000;
const MAX_HEAD_BYTES = 8_192;
const HEAD_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** Silence on a connection, also of a client that does not read its answer. */
const IDLE_TIMEOUT_MS = 15_000;
const KEEP_ALIVE_TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 512;
const CLOSE_GRACE_MS = 500;

/** Rejects with the listen error, its `code` kept. */
export function startAdmin(options: AdminOptions): Promise<Admin> {
  const context: ServerContext = {
    notReady: () => '',
    ...options,
    fresh: new FreshView(options.view, VIEW_DEADLINE_MS),
  };
  const live = new LiveStreams(context.fresh, options.log);
  const waits = new DrainWaits(context.fresh);
  const peers = new PeerProxy(options.peerUrl ?? (() => null));
  const server = createServer(
    {
      maxHeaderSize: MAX_HEAD_BYTES,
      headersTimeout: HEAD_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      connectionsCheckingInterval: 1_000,
    },
    (request, response) => {
      if (!peers.take(request, response)) void respond(request, response, context, live, waits);
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.timeout = IDLE_TIMEOUT_MS;
  server.on('clientError', refuseBadRequest);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const host = options.address === '*' ? {} : { host: options.address };
    server.listen({ port: options.port, ...host }, () => {
      server.off('error', reject);
      server.on('error', (error) => options.log.error({ err: error }, 'the admin port failed'));
      const { port } = server.address() as AddressInfo;
      resolve({ port, close: () => close(server, live, waits, peers) });
    });
  });
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  context: ServerContext,
  live: LiveStreams,
  waits: DrainWaits,
): Promise<void> {
  const { method, url = '/' } = request;
  // A body has no meaning but in orders: it is read away, and the connection not used again.
  if (request.headers['content-length'] !== undefined || request.headers['transfer-encoding']) {
    response.setHeader('connection', 'close');
  }
  const { orders, fresh, log } = context;
  if (orders !== undefined && isOrder(request)) {
    send(response, await answerOrder(request, { ...orders, fresh, log }), method);
    return;
  }
  request.resume();
  const wait = readDrainQuestion(url);
  if (wait !== null) send(response, await waits.answer(wait, response), method);
  else if (isLive(url)) live.open(url.slice(LIVE_PATH.length), method, response);
  else send(response, await answerTo(url, context), method);
}

const BAD_REQUEST =
  'HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\ncontent-length: 12\r\nconnection: close\r\n\r\nbad request\n';

function refuseBadRequest(_error: Error, stream: Duplex): void {
  const socket = stream as Socket;
  if (!socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  socket.end(BAD_REQUEST, () => socket.destroy());
}

function close(
  server: Server,
  live: LiveStreams,
  waits: DrainWaits,
  peers: PeerProxy,
): Promise<void> {
  live.close();
  waits.close();
  peers.close();
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
