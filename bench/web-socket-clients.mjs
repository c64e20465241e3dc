// WebSocket clients that send a small message each, wait for its echo, compare it, and send again. Prints
// `ready` when all are upgraded, starts with the first line of its standard input, ends after some
// seconds and prints what it counted as JSON. Arguments: port, connections, seconds.

import net from 'node:net';

const [port, connections, seconds] = process.argv.slice(2).map(Number);
const PAYLOAD = Buffer.from('{"price":1234567,"symbol":"ABC"}');
const ECHO = Buffer.concat([Buffer.from([0x81, PAYLOAD.length]), PAYLOAD]);
const UPGRADE = [
  'GET / HTTP/1.1',
  'Host: 127.0.0.1',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  '\r\n',
].join('\r\n');
/** Round trips by length, in steps of 10 µs; the last is for all that are longer. */
const STEPS_PER_MS = 100;
const times = new Uint32Array(200_000);

const clients = [];
let upgraded = 0;
let echoes = 0;
let failed = 0;
let running = false;

class Client {
  #masked;
  #socket;
  #sentMs = 0;
  #upgraded = false;
  /** Bytes of the echo that have come. */
  #come = 0;

  constructor(number) {
    this.#masked = masked(Math.imul(number + 1, 2_654_435_761));
    this.#socket = net.connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: Buffer.alloc(1_024),
        callback: (length, bytes) => {
          this.#read(bytes.subarray(0, length));
          return true;
        },
      },
    });
    this.#socket.write(UPGRADE);
    this.#socket.on('error', () => {
      failed += 1;
    });
  }

  send() {
    this.#sentMs = performance.now();
    this.#socket.write(this.#masked);
  }

  #read(bytes) {
    if (!this.#upgraded) {
      this.#upgrade(bytes.toString('latin1'));
      return;
    }
    const rest = ECHO.length - this.#come;
    if (bytes.length > rest || bytes.compare(ECHO, this.#come, this.#come + bytes.length) !== 0) {
      failed += 1;
      this.#socket.destroy();
      return;
    }
    this.#come += bytes.length;
    if (this.#come < ECHO.length || !running) return;
    this.#come = 0;
    echoes += 1;
    const step = Math.floor((performance.now() - this.#sentMs) * STEPS_PER_MS);
    times[Math.min(step, times.length - 1)] += 1;
    this.send();
  }

  #upgrade(head) {
    if (!head.startsWith('HTTP/1.1 101 ') || !head.endsWith('\r\n\r\n')) {
      throw new Error(`expected an upgrade, got ${head.slice(0, 80)}`);
    }
    this.#upgraded = true;
    upgraded += 1;
    if (upgraded === connections) process.stdout.write('ready\n');
  }
}

function masked(mask) {
  const key = Buffer.alloc(4);
  key.writeInt32BE(mask);
  const head = Buffer.from([0x81, 0x80 | PAYLOAD.length]);
  return Buffer.concat([head, key, PAYLOAD.map((byte, i) => byte ^ key[i & 3])]);
}

function percentile(share) {
  let left = echoes * share;
  const step = times.findIndex((count) => {
    left -= count;
    return left <= 0;
  });
  return step / STEPS_PER_MS;
}

process.stdin.once('data', () => {
  running = true;
  const startMs = performance.now();
  for (const client of clients) client.send();
  setTimeout(() => {
    running = false;
    const elapsedSeconds = (performance.now() - startMs) / 1_000;
    const percentiles = { p50: percentile(0.5), p99: percentile(0.99) };
    process.stdout.write(`${JSON.stringify({ echoes, elapsedSeconds, failed, ...percentiles })}\n`);
    process.exit(0);
  }, seconds * 1_000);
});

for (let number = 0; number < connections; number += 1) clients.push(new Client(number));
