// GET /v2/events: Marathon's server-sent events, framed as its Jetty frames them (CRLF, no chunks, until the end).

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EventBus, MarathonEvent } from './event-bus.ts';

const HEARTBEAT_MS = 10_000;
// Marathon closes the stream of a client that lags this many events behind; here in bytes, which is what it costs.
const MAX_UNSENT_BYTES = 8 * 1024 * 1024;

function frame({ type, json }: MarathonEvent): string {
  return `event: ${type}\r\ndata: ${json}\r\n\r\n`;
}

export class EventStreams {
  readonly #bus: EventBus;
  readonly #open = new Set<ServerResponse>();
  readonly #heartbeat: NodeJS.Timeout;

  constructor(bus: EventBus, heartbeatMs = HEARTBEAT_MS) {
    this.#bus = bus;
    this.#heartbeat = setInterval(() => {
      for (const response of this.#open) response.write('\r\n');
    }, heartbeatMs);
    this.#heartbeat.unref();
  }

  attach(request: IncomingMessage, response: ServerResponse, types: readonly string[]): void {
    const remoteAddress = request.socket.remoteAddress ?? '';
    response.useChunkedEncodingByDefault = false;
    response.shouldKeepAlive = false;
    response.writeHead(200, {
      'Content-Type': 'text/event-stream;charset=utf-8',
      Connection: 'close',
    });
    response.flushHeaders();
    request.socket.setNoDelay(true);
    request.socket.setTimeout(0);
    const wanted = new Set(types);
    const unsubscribe = this.#bus.subscribe((event) => {
      if (wanted.size > 0 && !wanted.has(event.type)) return;
      response.write(frame(event));
      if (response.writableLength > MAX_UNSENT_BYTES) response.destroy();
    });
    this.#open.add(response);
    response.once('close', () => {
      this.#open.delete(response);
      unsubscribe();
      this.#bus.publish('event_stream_detached', { remoteAddress });
    });
    // An aborted connection reports itself here as well; there is nothing to do beyond the close.
    response.on('error', () => {});
    this.#bus.publish('event_stream_attached', { remoteAddress });
  }

  /** Ends every stream properly. */
  stop(): void {
    clearInterval(this.#heartbeat);
    for (const response of this.#open) response.end();
  }
}

/** Marathon looks for one Accept line that says exactly this and nothing else. */
export function acceptsEvents(request: IncomingMessage): boolean {
  const lines = request.rawHeaders.filter(
    (_, index) => index % 2 === 1 && request.rawHeaders[index - 1]?.toLowerCase() === 'accept',
  );
  return lines.some((line) => line.trim() === 'text/event-stream');
}

/** How Jetty says it. */
export const METHOD_NOT_SUPPORTED =
  '<html><head><title>Error 405</title></head><body><h2>HTTP ERROR 405</h2><p>HTTP method GET is not supported by this URL</p></body></html>\n';
