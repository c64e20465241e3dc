// Opens connections that ask once and then stay, prints `ready`, and ends with its standard input.
// Arguments: port, connections.

import net from 'node:net';

const [port, connections] = process.argv.slice(2).map(Number);
/** Dialling more at once would overrun backlogs. */
const AT_ONCE = 100;
let opened = 0;
let answered = 0;

function open() {
  if (opened >= connections) return;
  opened += 1;
  const socket = net.connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  socket.once('data', () => {
    answered += 1;
    if (answered === connections) process.stdout.write('ready\n');
    else open();
  });
  socket.on('error', (error) => {
    process.stdout.write(`failed: ${error.message}\n`);
    process.exit(1);
  });
}

for (let i = 0; i < AT_ONCE; i += 1) open();
process.stdin.resume().on('end', () => process.exit(0));
