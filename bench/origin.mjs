// The origin of bodies: `GET /N` is answered with N bytes, a body with a length is read to its end
// first. Arguments: port, body of the answer to any other target.

import net from 'node:net';

const [port, small = ''] = process.argv.slice(2);
const answers = new Map();

function answerTo(target) {
  let answer = answers.get(target);
  if (answer === undefined) {
    const size = Number(target.slice(1));
    const body = size > 0 ? Buffer.alloc(size, 'x') : Buffer.from(small);
    const fields = `Content-Type: application/json\r\nContent-Length: ${body.length}`;
    answer = Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${fields}\r\n\r\n`), body]);
    answers.set(target, answer);
  }
  return answer;
}

net
  .createServer({ noDelay: true }, (socket) => {
    let left = 0;
    let answer = null;
    // The relay sends one request at a time, its head in one piece.
    socket.on('data', (piece) => {
      let at = 0;
      if (left === 0) {
        const end = piece.indexOf('\r\n\r\n') + 4;
        const head = piece.toString('latin1', 0, end);
        answer = answerTo(head.slice(head.indexOf(' ') + 1, head.indexOf(' HTTP/')));
        left = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
        at = end;
      }
      left -= piece.length - at;
      if (left <= 0) socket.write(answer);
    });
    socket.on('error', () => socket.destroy());
  })
  .listen(Number(port), '127.0.0.1');
