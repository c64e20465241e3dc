// The server of greedy.test.ts, by target: a large body, a page, interim responses without an end, no
// more reading, or two bytes. A process of its own, so that a busy test does not make it slow.

import net from 'node:net';

const BIG = Buffer.alloc(8 * 1_048_576, 'b');
const PAGE = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Length: 65536\r\n\r\n${'p'.repeat(65_536)}`,
  'latin1',
);
const EARLY = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(100);

const server = net.createServer((socket) => {
  socket.on('error', () => {});
  let text = '';
  socket.on('data', (piece) => {
    text = (text + piece.toString('latin1')).slice(-20_000);
    for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
      const target = text.split(' ', 2)[1];
      text = text.slice(end + 4);
      answer(socket, target);
    }
  });
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit());

function answer(socket, target) {
  if (target === '/big') {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${BIG.length}\r\n\r\n`);
    socket.write(BIG);
  } else if (target === '/page') socket.write(PAGE);
  else if (target === '/early') flood(socket);
  else if (target === '/upload') socket.pause();
  else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
}

function flood(socket) {
  if (!socket.destroyed) socket.write(EARLY, () => setImmediate(flood, socket));
}
