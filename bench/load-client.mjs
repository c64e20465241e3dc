// The load where wrk is not installed: a closed loop of keep-alive connections. Prints what wrk's
// reader in load.mjs knows. Arguments: port, connections, seconds, 1 to close after each answer.

import net from 'node:net';

const [port, connections, seconds, closing] = process.argv.slice(2).map(Number);
const request = `GET / HTTP/1.1\r\nHost: bench.test\r\n${closing ? 'Connection: close\r\n' : ''}\r\n`;
/** Answers by latency in units of 10 µs; the last place holds all that took longer. */
const latencies = new Uint32Array(100_001);
let answered = 0;
let errors = 0;
let running = true;

function loop() {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  let sent = 0;
  const ask = () => {
    sent = performance.now();
    socket.write(request);
  };
  socket.on('connect', ask);
  // Answers are far smaller than a segment: each comes as one piece.
  socket.on('data', (piece) => {
    if (piece.toString('latin1', 0, 12) !== 'HTTP/1.1 200') errors += 1;
    answered += 1;
    latencies[Math.min(100_000, Math.round((performance.now() - sent) * 100))] += 1;
    if (!closing && running) ask();
  });
  socket.on('error', () => {
    errors += 1;
  });
  socket.on('close', () => {
    if (running) loop();
  });
}

function percentile(share) {
  let left = answered * share;
  const place = latencies.findIndex((count) => {
    left -= count;
    return left <= 0;
  });
  return `${place * 10}us`;
}

for (let i = 0; i < connections; i += 1) loop();
setTimeout(() => {
  running = false;
  console.log(`  50% ${percentile(0.5)}\n  99% ${percentile(0.99)}`);
  console.log(`  ${answered} requests in ${seconds}s`);
  if (errors > 0) console.log(`  Non-2xx or 3xx responses: ${errors}`);
  process.exit(0);
}, seconds * 1_000);
