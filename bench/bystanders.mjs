// WebSockets of a service that nobody changes: opened before the changes of another one, and asked now and
// then. Whoever is closed, or answers something else, has lost.

import { once } from 'node:events';
import net from 'node:net';

const UPGRADE = [
  'GET / HTTP/1.1',
  'Host: 127.0.0.1',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  '\r\n',
].join('\r\n');
/** `hello`, masked with nothing, and what comes back. */
const HELLO = Buffer.from('818500000000' + '68656c6c6f', 'hex');
const ECHO = Buffer.from('810568656c6c6f', 'hex');
const PATIENCE_MS = 10_000;

/** `ask` resolves when all that are left have answered; `lost` is how many are not left. */
export async function startBystanders(port, count) {
  const sockets = await Promise.all(Array.from({ length: count }, () => open(port)));
  const lost = new Set();
  for (const socket of sockets) socket.once('close', () => lost.add(socket));
  return {
    async ask() {
      await Promise.all(sockets.map((socket) => lost.has(socket) || ask(socket)));
    },
    get lost() {
      return lost.size;
    },
    stop() {
      for (const socket of sockets) socket.removeAllListeners('close').destroy();
    },
  };
}

async function open(port) {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => socket.destroy());
  socket.write(UPGRADE);
  const [head] = await once(socket, 'data', { signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!String(head).startsWith('HTTP/1.1 101 ')) throw new Error(`no upgrade: ${head}`);
  return socket;
}

async function ask(socket) {
  socket.write(HELLO);
  try {
    const [piece] = await once(socket, 'data', { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!ECHO.equals(piece)) socket.destroy();
  } catch {
    socket.destroy();
  }
}
