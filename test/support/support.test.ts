import { expect, it } from 'vitest';
import { oneValue } from './message.ts';
import { OK, Origin } from './origin.ts';
import { RawClient, requestOnce, send } from './raw-client.ts';

it('a raw client reads what an origin answers, response by response', async () => {
  const origin = await Origin.answering(
    'HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n',
  );
  const client = await RawClient.connect(origin.port);
  void client.write('POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc');
  expect((await client.response()).status).toBe(103);
  const response = await client.response();
  expect([response.status, response.body.toString(), response.trailers]).toEqual([
    200,
    'ok',
    [['X-T', '1']],
  ]);
  expect(origin.requests[0]?.body.toString()).toBe('abc');
  expect(origin.connections[0]?.received).toContain('POST /a HTTP/1.1\r\n');
  client.destroy();
  await origin.close();
});

it('a raw client tells a clean end from a reset', async () => {
  const ending = await Origin.scripted(async (connection) => {
    if ((await connection.head()).startsWith('GET /reset')) connection.reset();
    else connection.end();
  });
  expect((await send(ending.port, 'GET / HTTP/1.1\r\n\r\n')).ending).toBe('end');
  expect((await send(ending.port, 'GET /reset HTTP/1.1\r\n\r\n')).ending).toBe('reset');
  await ending.close();
});

it('a wait that cannot be met fails with what was there', async () => {
  const origin = await Origin.sending(OK);
  const client = await RawClient.connect(origin.port);
  const response = await client.request('GET / HTTP/1.1\r\n\r\n');
  expect(oneValue(response, 'content-length')).toBe('2');
  await expect(client.incoming.take(1, 20)).rejects.toThrow('expected 1 bytes, waited 20 ms');
  client.destroy();
  await origin.close();
  await expect(requestOnce(origin.port, 'GET / HTTP/1.1\r\n\r\n')).rejects.toThrow('ECONNREFUSED');
});
