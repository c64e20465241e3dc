// The HTTP port of the embedded Mesos-DNS, on loopback and for loopback names only: a page in a browser
// must not read it through a name of its own that resolves to 127.0.0.1.

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '../../log/logger.ts';
import type { ApiReply, ApiRequest } from './http-api.ts';
import { ListenError } from './listen-error.ts';

export interface HttpSide {
  readonly port: number;
  close(): Promise<void>;
}

const ADDRESS = '127.0.0.1';
const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;
const FOREIGN_HOST: ApiReply = {
  status: 403,
  contentType: 'text/plain; charset=utf-8',
  body: 'This server answers to loopback names only (localhost, 127.0.0.1).\n',
};

/** Port 0 = any. Rejects with a ListenError. */
export async function openHttp(
  port: number,
  reply: (request: ApiRequest, port: number) => ApiReply,
  log: Logger,
): Promise<HttpSide> {
  const server = createServer((request, response) => {
    const { method = '', url: target = '', headers } = request;
    const local = LOOPBACK_HOST.test(headers.host ?? '');
    const { status, contentType, body } = local
      ? reply({ method, target, accept: headers.accept }, portOf(server))
      : FOREIGN_HOST;
    response.writeHead(status, {
      'Content-Type': contentType,
      'Content-Length': Buffer.byteLength(body),
    });
    response.end(body);
    request.resume();
  });
  server.headersTimeout = 5_000;
  server.requestTimeout = 10_000;
  server.maxConnections = 100;
  try {
    server.listen(port, ADDRESS);
    await once(server, 'listening');
  } catch (error) {
    throw new ListenError('embedded Mesos-DNS (HTTP)', 'tcp', port, error);
  }
  server.on('error', (error) =>
    log.warn({ error: error.message }, 'embedded Mesos-DNS: HTTP error'),
  );
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  return { port: portOf(server), close };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
