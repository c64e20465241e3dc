// A WebSocket server that sends each message back. Messages are small (below 126 bytes) and come one by
// one; it answers in the same order. Argument: port.

import { createHash } from 'node:crypto';
import net from 'node:net';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const CLIENT_HEAD_BYTES = 6;
const EMPTY = Buffer.alloc(0);

function acceptance(head) {
  const [, key = ''] = /^sec-websocket-key: *(\S+)/im.exec(head) ?? [];
  const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64');
  const fields = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}`;
  return `HTTP/1.1 101 Switching Protocols\r\n${fields}\r\n\r\n`;
}

/** The masked frame in front as a frame of the server's. */
function echo(bytes, length) {
  const frame = Buffer.allocUnsafe(2 + length);
  frame[0] = bytes[0];
  frame[1] = length;
  for (let i = 0; i < length; i += 1) {
    frame[2 + i] = bytes[CLIENT_HEAD_BYTES + i] ^ bytes[2 + (i & 3)];
  }
  return frame;
}

net
  .createServer({ noDelay: true }, (socket) => {
    let upgraded = false;
    let rest = EMPTY;
    socket.on('data', (piece) => {
      rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
      if (!upgraded) {
        const end = rest.indexOf('\r\n\r\n') + 4;
        if (end < 4) return;
        upgraded = true;
        socket.write(acceptance(rest.toString('latin1', 0, end)));
        rest = rest.subarray(end);
      }
      while (rest.length >= CLIENT_HEAD_BYTES) {
        const length = rest[1] & 127;
        if (rest.length < CLIENT_HEAD_BYTES + length) return;
        socket.write(echo(rest, length));
        rest = rest.subarray(CLIENT_HEAD_BYTES + length);
      }
    });
    socket.on('end', () => socket.end());
    socket.on('error', () => socket.destroy());
  })
  .listen(Number(process.argv[2]), '127.0.0.1');
