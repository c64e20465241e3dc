// The tutorial's simpleservice as a program of ours: same answers, same environment. Unlike the original it goes on
// answering while a health check sleeps. It binds loopback only: the embedded Marathon starts it on people's machines,
// where the original's 0.0.0.0 would offer it to their whole network.

import { createServer } from 'node:http';
import { answer, readEnvironment } from './simple-service.ts';

const DEFAULT_PORT = 9876;
const environment = readEnvironment(process.env);

const server = createServer((request, response) => {
  const reply = answer(
    request.method ?? 'GET',
    request.url ?? '/',
    request.headers.host ?? '',
    environment,
  );
  const send = (): void => {
    response.writeHead(reply.status, reply.headers);
    response.end(request.method === 'HEAD' ? undefined : reply.body);
  };
  if (reply.delayMs === 0) send();
  else setTimeout(send, reply.delayMs);
});
// Balancers keep connections for reuse: ours must not be the side that closes one as a request comes in.
server.keepAliveTimeout = 75_000;
server.listen(Number(process.env['PORT0'] ?? DEFAULT_PORT), '127.0.0.1');

// The original does not react to it either: recorded kills end with exit status 137, after the grace.
process.on('SIGTERM', () => {});
