// A client that means well, in a process that nobody else keeps busy: one request after the other, each on
// a connection of its own. At each message it tells what became of those since the last one.

import http from 'node:http';

let seen = { answered: 0, failures: [] };

process.once('message', async ({ port }) => {
  process.on('message', () => {
    process.send(seen);
    seen = { answered: 0, failures: [] };
  });
  for (;;) {
    const why = await ask(port);
    if (why === '') seen.answered += 1;
    else seen.failures.push(why);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
});
process.on('disconnect', () => process.exit());

function ask(port) {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, path: '/well', agent: false, timeout: 5_000 };
    const request = http.get(options, (response) => {
      response.resume();
      response.on('error', (error) => resolve(error.message));
      response.on('end', () =>
        resolve(response.statusCode === 200 ? '' : `${response.statusCode}`),
      );
    });
    request.on('timeout', () => request.destroy(new Error('no answer in 5 s')));
    request.on('error', (error) => resolve(error.message));
  });
}
