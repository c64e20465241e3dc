// http-proxy as it is usually set up for speed: an agent that keeps connections, forwarded fields.
// Argument: JSON with the ports `http` and `origin`.

import http from 'node:http';
import httpProxy from 'http-proxy';

const ports = JSON.parse(process.argv[2]);
const proxy = httpProxy.createProxyServer({
  target: { host: '127.0.0.1', port: ports.origin },
  agent: new http.Agent({ keepAlive: true }),
  xfwd: true,
  timeout: 30_000,
  proxyTimeout: 30_000,
});
proxy.on('error', (_error, _request, response) => {
  if (!('writeHead' in response)) response.destroy();
  else if (response.headersSent) response.destroy();
  else response.writeHead(502).end();
});
http
  .createServer({ keepAliveTimeout: 30_000 }, (request, response) => proxy.web(request, response))
  .on('upgrade', (request, socket, head) => proxy.ws(request, socket, head))
  .listen(ports.http, '127.0.0.1');
