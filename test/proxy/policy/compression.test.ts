import { randomBytes } from 'node:crypto';
import { gunzipSync, inflateSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { CompressionSpec } from '../../../src/plan/plan.ts';
import { oneValue, valuesOf } from '../../support/message.ts';
import {
  Origin,
  type OriginConnection,
  type OriginRequest,
  type Script,
} from '../../support/origin.ts';
import { RawClient } from '../../support/raw-client.ts';
import { expectNothingInFlight, until } from '../plans.ts';
import { policed } from './policed.ts';

const leaving: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const leave of leaving.splice(0).reverse()) await leave();
});

const SPEC: CompressionSpec = { algorithms: ['gzip', 'deflate'], types: ['text/plain'] };
const TEXT = 'all work and no play makes a dull line\n'.repeat(500);

async function stageOf(
  serve: string | ((request: OriginRequest) => string) | Script,
  spec: CompressionSpec = SPEC,
) {
  const isScript = typeof serve === 'function' && serve.constructor.name === 'AsyncFunction';
  const origin = isScript
    ? await Origin.scripted(serve as Script)
    : await Origin.answering(serve as string);
  leaving.push(() => origin.close());
  const { bench, port } = await policed([origin.port], { compression: spec });
  leaving.push(() => bench.close());
  const client = await RawClient.connect(port);
  leaving.push(() => client.destroy());
  return { bench, origin, client };
}

const plain = (fields = '', body = TEXT): string =>
  `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n${fields}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const get = (accept = 'gzip', more = '') =>
  `GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: ${accept}\r\n${more}\r\n`;

describe('compression', () => {
  it('of a body with a length: chunks, a weak ETag, Vary, and the same text on the same connection', async () => {
    const { client, bench } = await stageOf(plain('ETag: "abc"\r\nAccept-Ranges: none\r\n'));
    for (const [accept, inflate] of [
      ['gzip', gunzipSync],
      ['deflate', inflateSync],
      ['gzip', gunzipSync],
    ] as const) {
      const response = await client.request(get(accept));
      expect(oneValue(response, 'content-encoding')).toBe(accept);
      expect(oneValue(response, 'etag')).toBe('W/"abc"');
      expect(oneValue(response, 'vary')).toBe('Accept-Encoding');
      expect(valuesOf(response, 'content-length')).toEqual([]);
      expect(response.body.length).toBeLessThan(TEXT.length / 10);
      expect(inflate(response.body).toString()).toBe(TEXT);
    }
    expectNothingInFlight(bench);
  });

  it('is counted: responses, and bytes of bodies before and after', async () => {
    const { client, bench } = await stageOf(plain());
    let after = 0;
    for (let i = 0; i < 2; i += 1) after += (await client.request(get())).body.length;
    await client.request(get('identity'));
    const counted = { compressed: 2, compressionIn: 2 * TEXT.length, compressionOut: after };
    expect(bench.backend('/a')).toMatchObject(counted);
    expect(bench.frontend('/a')).toMatchObject(counted);
  });

  it('of a chunked body, without its trailers', async () => {
    const half = TEXT.length / 2;
    const size = half.toString(16);
    const { client } = await stageOf(
      `HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nTrailer: X-End\r\nTransfer-Encoding: chunked\r\n\r\n${size};ext=1\r\n${TEXT.slice(0, half)}\r\n${size}\r\n${TEXT.slice(half)}\r\n0\r\nX-End: yes\r\n\r\n`,
    );
    const response = await client.request(get());
    expect(gunzipSync(response.body).toString()).toBe(TEXT);
    expect(response.trailers).toEqual([]);
    expect(valuesOf(response, 'trailer')).toEqual([]);
    expect(valuesOf(response, 'transfer-encoding')).toEqual(['chunked']);
  });

  it.each<[string, string, string, string]>([
    ['a client that does not want it', 'identity', '', ''],
    ['a client that refuses it', 'gzip;q=0, deflate;q=0', '', ''],
    ['a weight that is none', 'gzip;q=x', '', ''],
    ['another type', 'gzip', 'X: 1\r\nContent-Type: image/png\r\n', ''],
    ['several parts', 'gzip', 'Content-Type: multipart/mixed\r\n', ''],
    ['an encoding it has', 'gzip', 'Content-Encoding: br\r\n', ''],
    ['no-transform', 'gzip', 'Cache-Control: max-age=1, No-Transform\r\n', ''],
    ['an ETag that is none', 'gzip', 'ETag: abc\r\n', ''],
    ['two ETags', 'gzip', 'ETag: "a"\r\nETag: "b"\r\n', ''],
    ['a 206', 'gzip', '', '206 Partial Content'],
    ['a 404', 'gzip', '', '404 Not Found'],
  ])('is not done for %s', async (_, accept, fields, status) => {
    const isTyped = fields.includes('Content-Type');
    const answer = plain(fields)
      .replace('200 OK', status || '200 OK')
      .replace(isTyped ? 'Content-Type: text/plain\r\n' : '\0', isTyped ? '' : '\0');
    const { client } = await stageOf(answer);
    const response = await client.request(get(accept));
    expect(response.body.toString()).toBe(TEXT);
    expect(oneValue(response, 'content-length')).toBe(String(TEXT.length));
    expect(valuesOf(response, 'vary')).toEqual([]);
  });

  it('is not done for HEAD, HTTP/1.0, an empty body, and a body that ends by closing', async () => {
    const { client } = await stageOf((request: OriginRequest) =>
      request.method === 'HEAD' ? plain('', '').replace(': 0', ': 9') : plain('', ''),
    );
    const head = await client.request(get().replace('GET', 'HEAD'));
    expect(oneValue(head, 'content-length')).toBe('9');
    const empty = await client.request(get());
    expect(valuesOf(empty, 'content-encoding')).toEqual([]);
    const old = await stageOf(plain());
    const answer = await old.client.request(get().replace('1.1', '1.0'));
    expect(answer.body.toString()).toBe(TEXT);
    const closing = await stageOf(async (connection: OriginConnection) => {
      await connection.request();
      await connection.write(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n${TEXT}`);
      connection.end();
    });
    expect((await closing.client.request(get())).body.toString()).toBe(TEXT);
  });

  it.each([
    ['deflate;q=1, gzip;q=0.5', 'deflate'],
    ['gzip, deflate', 'gzip'],
    ['GZIP;Q=0.1', 'gzip'],
    ['*', 'gzip'],
    ['gzip;q=0, *', 'deflate'],
    ['br, deflate', 'deflate'],
  ])('is what the client likes best: %s → %s', async (accept, algorithm) => {
    const { client } = await stageOf(plain());
    expect(oneValue(await client.request(get(accept)), 'content-encoding')).toBe(algorithm);
  });

  it('is for all types where none is named', async () => {
    const { client } = await stageOf(plain('', TEXT).replace('text/plain', 'x/y'), {
      algorithms: ['gzip'],
      types: [],
    });
    expect(gunzipSync((await client.request(get())).body).toString()).toBe(TEXT);
  });

  it('passes on what is there before more comes', async () => {
    let more = (): void => {};
    const { client } = await stageOf(async (connection: OriginConnection) => {
      await connection.request();
      const head =
        'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n';
      await connection.write(`${head}5\r\nfirst\r\n`);
      await new Promise<void>((resolve) => {
        more = resolve;
      });
      await connection.write('6\r\nsecond\r\n0\r\n\r\n');
    });
    void client.write(get());
    await client.incoming.through('\r\n\r\n');
    const size = Number.parseInt(await client.incoming.through('\r\n'), 16);
    const first = await client.incoming.take(size + 2);
    expect(first.length).toBe(size + 2);
    more();
    const rest: Buffer[] = [first.subarray(0, size)];
    for (;;) {
      const next = Number.parseInt(await client.incoming.through('\r\n'), 16);
      const data = await client.incoming.take(next + 2);
      if (next === 0) break;
      rest.push(data.subarray(0, next));
    }
    expect(gunzipSync(Buffer.concat(rest)).toString()).toBe('firstsecond');
  });

  it('is cut, not ended, where the server cuts its body', async () => {
    const { client, bench } = await stageOf(async (connection: OriginConnection) => {
      await connection.request();
      await connection.write(plain().slice(0, 2_000));
      connection.destroy();
    });
    void client.write(get());
    const received = (await client.incoming.rest()).toString('latin1');
    expect(received).not.toMatch(/0\r\n\r\n$/);
    expectNothingInFlight(bench);
  });

  it('never shows the client what follows the body', async () => {
    const { client, origin } = await stageOf(
      `${plain()}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`,
    );
    for (let i = 0; i < 3; i += 1) {
      const response = await client.request(get());
      expect(gunzipSync(response.body).toString()).toBe(TEXT);
    }
    expect(origin.connections).toHaveLength(3);
  });

  it('carries 16 MiB that hardly shrink to a client that reads late, holding little', async () => {
    const body = randomBytes(16 * 1_048_576).toString('latin1');
    const bytes = Buffer.from(body, 'latin1');
    const { client, bench } = await stageOf(async (connection: OriginConnection) => {
      await connection.request();
      await connection.write(
        `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${bytes.length}\r\n\r\n`,
      );
      await connection.write(bytes);
    });
    client.pause();
    void client.write(get());
    let seen = -1;
    let stillFor = 0;
    await until('nothing to be written any more', () => {
      const { bytesOut } = bench.backend('/a');
      stillFor = bytesOut > 100_000 && bytesOut === seen ? stillFor + 1 : 0;
      seen = bytesOut;
      return stillFor === 20;
    });
    // What kernels keep for a client that does not read, and some watermarks.
    expect(seen).toBeLessThan(12 * 1_048_576);
    client.resume();
    const response = await client.response();
    expect(gunzipSync(response.body).equals(bytes)).toBe(true);
    expectNothingInFlight(bench);
  });

  it('ends with its client', async () => {
    const { client, bench } = await stageOf(async (connection: OriginConnection) => {
      await connection.request();
      await connection.write(plain().slice(0, 2_000));
    });
    void client.write(get());
    await client.incoming.through('\r\n\r\n');
    client.reset();
    await until('nothing to be in flight', () => bench.backend('/a').inFlight === 0);
  });
});
