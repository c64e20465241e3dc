// A scripted Marathon and the servers of its apps, all in this process. Two colours of one HTTP service
// take turns, their servers come and go, other services appear and vanish, and a TCP service stays.

import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { app, serveMarathon } from './marathon.mjs';

const BIG = Buffer.alloc(1_048_576, 'b');

/** Answers what soak-traffic.mjs asks. */
function answer(request, response) {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    if (request.url === '/big') response.end(BIG);
    else if (request.url === '/stream') stream(response, 20);
    else if (request.method === 'POST') response.end(Buffer.concat(chunks));
    else response.end(`hello ${request.url}`);
  });
}

function stream(response, left) {
  if (left === 0) response.end('end');
  else {
    response.write(`data: ${left}\n\n`);
    setTimeout(() => stream(response, left - 1), 50);
  }
}

async function startServer() {
  const server = http.createServer({ keepAliveTimeout: 60_000 }, answer);
  server.on('upgrade', (_request, socket) => {
    socket.on('error', () => {});
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n',
    );
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function startEcho() {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Ports that are free now. */
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => net.createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

export async function startCluster() {
  const servers = await Promise.all(Array.from({ length: 6 }, startServer));
  const ports = servers.map((server) => server.address().port);
  const echo = await startEcho();
  const echoPort = echo.address().port;
  const [httpPort, tcpPort, statsPort, appIdPort, ...otherPorts] = await freePorts(8);
  let changes = 0;
  let newest = 'blue';

  const apps = () => {
    const at = (colour) =>
      new Date(1_800_000_000_000 + (newest === colour ? 1 : 0) * 1_000).toISOString();
    // Of each colour's three servers, one is away in turn.
    const some = (from) => ports.slice(from, from + 3).filter((_, i) => i !== changes % 3);
    const labels = { HAPROXY_0_PORT: String(httpPort), HAPROXY_0_MODE: 'http' };
    return [
      app('/soak/blue', labels, some(0), at('blue')),
      app('/soak/green', labels, some(3), at('green')),
      app(
        '/soak/tcp',
        { HAPROXY_0_PORT: String(tcpPort), HAPROXY_0_MODE: 'tcp' },
        [echoPort],
        at(''),
      ),
      ...otherPorts
        .filter((_, i) => (changes >> i) % 2 === 0)
        .map((port, i) =>
          app(`/soak/other-${i}`, { HAPROXY_0_PORT: String(port) }, [ports[i]], at('')),
        ),
    ];
  };

  const marathon = await serveMarathon(apps);

  return {
    httpPort,
    tcpPort,
    statsPort,
    appIdPort,
    marathonUrl: marathon.url,
    get changes() {
      return changes;
    },
    /** Servers come and go each time; every fifth time the other colour is the newest. */
    change() {
      changes += 1;
      if (changes % 5 === 0) newest = newest === 'blue' ? 'green' : 'blue';
      marathon.tell();
    },
    async stop() {
      marathon.close();
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
      echo.close();
    },
  };
}
