// The origin where HAProxy is not installed: answers every request head with the same bytes.
// Arguments: port, body.

import net from 'node:net';

const [port, body] = process.argv.slice(2);
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
);

net
  .createServer({ noDelay: true }, (socket) => {
    // The relay sends one request at a time, in one piece.
    socket.on('data', () => socket.write(answer));
    socket.on('error', () => socket.destroy());
  })
  .listen(Number(port), '127.0.0.1');
