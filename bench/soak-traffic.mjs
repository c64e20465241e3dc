// The clients of a soak, of every kind that meets the relay in different code: kept and fresh
// connections, uploads by length and by chunks, downloads, streams, tunnels, TCP, pipelines, HTTP/1.0
// and attackers. Each checks what it gets to the byte.

import http from 'node:http';
import net from 'node:net';

const HOST = '127.0.0.1';
const PATIENCE_MS = 20_000;
const UPLOAD = Buffer.alloc(65_536, 'u');

/** [kind, clients, pause between two requests in ms, what one does]. */
const KINDS = [
  ['get, kept', 6, 10, (ports, kept) => ask(ports.httpPort, kept, 'GET', '/small')],
  ['get, fresh', 3, 20, (ports) => ask(ports.httpPort, false, 'GET', '/small')],
  ['post by length', 2, 30, (ports, kept) => ask(ports.httpPort, kept, 'POST', '/echo', true)],
  ['post in chunks', 2, 30, (ports, kept) => ask(ports.httpPort, kept, 'POST', '/echo', false)],
  ['download of 1 MiB', 1, 100, (ports, kept) => ask(ports.httpPort, kept, 'GET', '/big')],
  ['stream of a second', 3, 50, (ports, kept) => ask(ports.httpPort, kept, 'GET', '/stream')],
  ['tunnel', 2, 50, ({ httpPort }) => tunnel(httpPort, UPGRADE)],
  ['tcp', 2, 50, ({ tcpPort }) => tunnel(tcpPort, '')],
  ['pipeline of ten', 1, 50, ({ httpPort }) => exchange(httpPort, PIPELINE, /hello \/last$/)],
  [
    'HTTP/1.0',
    1,
    50,
    ({ httpPort }) => exchange(httpPort, 'GET /small HTTP/1.0\r\n\r\n', /hello \/small$/),
  ],
  ['attack', 1, 50, ({ httpPort }) => exchange(httpPort, attack(), /^HTTP\/1\.1 (400|405|505) /)],
];

const UPGRADE = 'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n';
const PIPELINE = `${'GET /small HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(9)}GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
const ATTACKS = [
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'GET / HTTP/1.1\r\nHost : a\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
  'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET / HTTP/3.0\r\nHost: a\r\n\r\n',
  '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
];
let attacks = 0;

function attack() {
  attacks += 1;
  return ATTACKS[attacks % ATTACKS.length];
}

export function startTraffic(ports, ledger) {
  let running = true;
  const clients = KINDS.flatMap(([kind, count, pauseMs, act]) =>
    Array.from({ length: count }, async () => {
      const kept = new http.Agent({ keepAlive: true, maxSockets: 1 });
      while (running) {
        const { why, port } = await act(ports, kept);
        if (why === '') ledger.good(kind);
        else ledger.bad(kind, why, port);
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
      kept.destroy();
    }),
  );
  return {
    async stop() {
      running = false;
      await Promise.all(clients);
    },
  };
}

function expected(path) {
  if (path === '/echo') return UPLOAD;
  if (path === '/big') return Buffer.alloc(1_048_576, 'b');
  if (path !== '/stream') return Buffer.from(`hello ${path}`);
  const events = Array.from({ length: 20 }, (_, i) => `data: ${20 - i}\n\n`);
  return Buffer.from(`${events.join('')}end`);
}

const EXPECTED = new Map(
  ['/small', '/echo', '/big', '/stream'].map((path) => [path, expected(path)]),
);

/** One request; `why` is empty when its answer was right. */
function ask(port, agent, method, path, byLength) {
  return new Promise((resolve) => {
    let own = 0;
    const done = (why) => resolve({ why, port: own });
    const options = { host: HOST, port, agent, method, path, timeout: PATIENCE_MS };
    const request = http.request(options, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('error', (error) => done(`in the body: ${error.message}`));
      response.on('end', () => {
        if (response.statusCode !== 200) done(`status ${response.statusCode}`);
        else done(Buffer.concat(pieces).equals(EXPECTED.get(path)) ? '' : 'another body');
      });
    });
    request.on('socket', (socket) => {
      own = socket.localPort ?? 0;
      if (socket.connecting) socket.once('connect', () => (own = socket.localPort));
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', (error) => done(error.message));
    if (byLength === true) request.setHeader('content-length', UPLOAD.length);
    if (method === 'POST') {
      request.write(UPLOAD.subarray(0, 1_000));
      request.end(UPLOAD.subarray(1_000));
    } else request.end();
  });
}

/** Twenty messages there and back, one at a time. */
function tunnel(port, opening) {
  let sent = 0;
  let received = '';
  let echoing = opening === '';
  return talk(port, opening === '' ? 'message 0' : opening, (piece, socket) => {
    received += piece;
    if (!echoing && received.endsWith('\r\n\r\n')) {
      if (!received.startsWith('HTTP/1.1 101 ')) return `no upgrade: ${received.slice(0, 40)}`;
      echoing = true;
      received = '';
      socket.write(`message ${sent}`);
    } else if (echoing && received === `message ${sent}`) {
      sent += 1;
      received = '';
      if (sent === 20) return '';
      setTimeout(() => socket.write(`message ${sent}`), 20);
    }
    return null;
  });
}

/** Writes bytes and compares all that comes until the end. */
function exchange(port, bytes, right) {
  let received = '';
  return talk(
    port,
    bytes,
    (piece) => {
      received += piece;
      return null;
    },
    () => (right.test(received) ? '' : `another answer: ${received.slice(0, 60)}`),
  );
}

function talk(port, bytes, onPiece, onEnd = () => 'ended early') {
  return new Promise((resolve) => {
    const socket = net.connect(port, HOST, () => {
      own = socket.localPort;
      socket.write(bytes, 'latin1');
    });
    let own = 0;
    const done = (why) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ why, port: own });
    };
    const timer = setTimeout(() => done('no answer'), PATIENCE_MS);
    socket.on('data', (piece) => {
      const why = onPiece(piece.toString('latin1'), socket);
      if (why !== null) done(why);
    });
    socket.on('end', () => done(onEnd()));
    socket.on('error', (error) => done(error.message));
  });
}
