import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type EmbeddedMarathon,
  startEmbeddedMarathon,
} from '../../../src/embedded/marathon/marathon.ts';
import { SILENT } from '../../../src/log/logger.ts';
import { call } from './support.ts';

let marathon: EmbeddedMarathon;
let port: number;

beforeAll(async () => {
  marathon = await startEmbeddedMarathon({ port: 0, log: SILENT, hostname: 'agent-1' });
  port = marathon.port;
});
afterAll(() => marathon.stop());

const APP = JSON.stringify({ id: '/hostile', cmd: 'touch /tmp/owned' });

/** Sends raw bytes and gives back everything until the other side closes. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
  });
}

describe('a request that a web page could send is refused', () => {
  it.each([
    ['a foreign Host', { host: 'evil.example:8080' }, 403],
    ['a foreign Host that looks like ours', { host: 'localhost.evil.example' }, 403],
    ['a foreign Origin', { origin: 'http://evil.example' }, 403],
    ['an opaque Origin', { origin: 'null' }, 403],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['plain text', { 'content-type': 'text/plain' }, 415],
    ['a type that only begins like JSON', { 'content-type': 'application/jsonp' }, 415],
    ['no type at all', { 'content-type': '' }, 415],
  ])('%s', async (_title, headers, status) => {
    const answer = await call(port, 'POST', '/v2/apps', APP, headers);
    expect(answer.status).toBe(status);
    expect((await call(port, 'GET', '/v2/apps')).json.apps).toEqual([]);
  });

  it.each(['/v2/apps', '/v2/events', '/ping'])('a foreign Host reading %s', async (path) => {
    const headers = { host: 'evil.example', accept: 'text/event-stream' };
    const { status, json } = await call(port, 'GET', path, undefined, headers);
    expect(status).toBe(403);
    expect(json.message).toContain("Host 'evil.example' is refused");
  });

  it('a restart without a body from a foreign page', async () => {
    const headers = { origin: 'https://evil.example' };
    expect((await call(port, 'POST', '/v2/apps/a/restart', undefined, headers)).status).toBe(403);
  });
});

describe('a request is served', () => {
  it.each<[string, Record<string, string>]>([
    ['under the name localhost', { host: `localhost:8080` }],
    ['from a page of this machine', { origin: 'http://localhost:9090' }],
    ['with a charset', { 'content-type': 'application/json; charset=utf-8' }],
  ])('%s', async (_title, headers) => {
    const answer = await call(port, 'POST', '/v2/apps', { id: 'BAD' }, headers);
    expect(answer.status).toBe(422);
  });

  it('with its answer never cached and the leader named', async () => {
    const { headers } = await call(port, 'GET', '/v2/info');
    expect(headers).toMatchObject({
      'cache-control': 'no-cache, no-store, must-revalidate',
      pragma: 'no-cache',
      expires: '0',
      'content-type': 'application/json',
      'x-marathon-leader': `http://127.0.0.1:${port}`,
    });
  });
});

describe('hostile requests', () => {
  it.each([
    [
      'a huge head',
      `GET /ping HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`,
      /^HTTP\/1.1 431/,
    ],
    ['no Host in HTTP/1.1', 'GET /ping HTTP/1.1\r\n\r\n', /^HTTP\/1.1 400/],
    [
      'two lengths',
      'POST /v2/apps HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx',
      /^HTTP\/1.1 400/,
    ],
    [
      'length and chunks',
      'POST /v2/apps HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      /^HTTP\/1.1 400/,
    ],
    [
      'a bad escape',
      'GET /v2/apps/%ff HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      /^HTTP\/1.1 400/,
    ],
    [
      'a target that is no path',
      'GET :::: HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      /^HTTP\/1.1 400/,
    ],
  ])('get a refusal: %s', async (_title, text, expected) => {
    expect(await raw(text)).toMatch(expected);
  });

  it('get a refusal: JSON so deep that reading it back would fail', async () => {
    const check = `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`;
    const body = `{"id":"/deep","cmd":"true","check":${check}}`;
    const { status, json } = await call(port, 'POST', '/v2/apps', body);
    expect([status, json.message]).toEqual([400, 'Invalid JSON']);
  });

  it('get a refusal: a body beyond the limit, which is not read to its end', async () => {
    const head = `POST /v2/apps HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n`;
    const answer = await raw(head + ' '.repeat(4 * 1024 * 1024 + 1));
    expect(answer).toMatch(/^HTTP\/1.1 413/);
    expect(answer).toMatch(/connection: close/i);
  });
});

describe('the small resources', () => {
  it.each([
    ['*/*', 200, 'pong'],
    ['text/plain', 200, 'pong'],
    ['application/json', 200, '"pong"'],
    ['image/png', 204, ''],
  ])('/ping answers Accept %s', async (accept, status, text) => {
    const answer = await call(port, 'GET', '/ping', undefined, { accept });
    expect([answer.status, answer.text]).toEqual([status, text]);
  });

  it('/v2/info and /v2/leader say who leads', async () => {
    const info = (await call(port, 'GET', '/v2/info')).json;
    const { leader } = (await call(port, 'GET', '/v2/leader')).json;
    expect([info.name, info.leader, leader]).toEqual(['marathon', leader, `127.0.0.1:${port}`]);
  });

  it('/ says in plain words what this is', async () => {
    const { headers, text } = await call(port, 'GET', '/');
    expect(headers['content-type']).toContain('text/plain');
    expect(text).toContain('/v2/apps');
  });

  it('HEAD has no body, OPTIONS names the methods', async () => {
    const head = await call(port, 'HEAD', '/v2/apps');
    expect([head.status, head.headers['content-length'], head.text]).toEqual([200, '11', '']);
    const options = await call(port, 'OPTIONS', '/v2/apps');
    expect(options.headers['allow']).toBe('GET, POST, PUT, PATCH, HEAD, OPTIONS');
  });

  it('a connection is kept for the next request', async () => {
    const one = 'GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n';
    const last = one.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');
    expect((await raw(one + one + last)).match(/pong/g)).toHaveLength(3);
  });
});

it('a taken port is said with its code, and nothing is left behind', async () => {
  const second = startEmbeddedMarathon({ port, log: SILENT });
  await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE', port });
});
