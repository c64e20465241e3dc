// A Marathon that says the same all the time, in a process of its own, so that it can be killed. Told its
// port and apps by a message, says when it listens.

import { createServer } from 'node:http';

process.once('message', ({ port, apps }) => {
  const list = JSON.stringify({ apps });
  const server = createServer(({ url }, response) => {
    if (url.startsWith('/v2/events')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
    } else if (url.startsWith('/v2/apps?')) {
      response.setHeader('content-type', 'application/json');
      response.end(list);
    } else response.writeHead(404).end();
  });
  server.listen(port, '127.0.0.1', () => process.send('listening'));
});
process.on('disconnect', () => process.exit());
