// `teal sse` with policies that need more than a plane: a thread that verifies passwords, and a file
// that the primary reads and follows.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { FakeMarathon, sendJson } from '../support/fake-marathon.ts';
import { Origin, refusedPort } from '../support/origin.ts';
import { type RawResponse, requestOnce } from '../support/raw-client.ts';
import { freePorts } from './free-ports.ts';
import { rawApp } from './raw-apps.ts';
import { TealProcess } from './teal-process.ts';

/** `secret`, by crypt(3). */
const HASH =
  '$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1';

const leaving: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const leave of leaving.splice(0).reverse()) await leave();
});

it('asks for passwords in every worker, and answers with an error file as it is on disk', async () => {
  const marathon = await FakeMarathon.start();
  leaving.push(() => marathon.stop());
  const folder = mkdtempSync(join(tmpdir(), 'teal-policies-'));
  leaving.push(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, '503.http');
  const page = (text: string): void =>
    writeFileSync(file, `HTTP/1.1 503 Later\r\nContent-Type: text/plain\r\n\r\n${text}`);
  page('first');
  const origin = await Origin.answering('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  leaving.push(() => origin.close());
  const [one = 0, two = 0, http = 0, https = 0, appid = 0, stats = 0] = await freePorts(6);
  marathon.apps = sendJson({
    apps: [
      rawApp(
        '/auth',
        {
          HAPROXY_0_PORT: String(one),
          HAPROXY_0_VHOST: 'auth.test',
          HAPROXY_0_AUTH: `a realm:bob:${HASH}`,
        },
        [{ port: origin.port }],
      ),
      rawApp(
        '/page',
        {
          HAPROXY_0_PORT: String(two),
          HAPROXY_0_VHOST: 'page.test',
          HAPROXY_0_BACKEND_HTTP_OPTIONS: `  errorfile 503 ${file}\n`,
        },
        [{ port: refusedPort() }],
      ),
    ],
  });
  const teal = new TealProcess([
    ...['sse', '--marathon', marathon.url, '--group', 'external', '--health-check'],
    ...['--no-own-checks', '--bind', '127.0.0.1', '--workers', '2', '--retries', '0'],
    ...['--http-port', String(http), '--https-port', String(https)],
    ...['--appid-port', String(appid), '--stats-port', String(stats)],
  ]);
  leaving.push(async () => {
    teal.signal('SIGKILL');
    await teal.exit;
  });
  const ask = (host: string, pair = ''): Promise<RawResponse> => {
    const token = Buffer.from(pair).toString('base64');
    const field = pair === '' ? '' : `Authorization: Basic ${token}\r\n`;
    return requestOnce(http, `GET / HTTP/1.1\r\nHost: ${host}\r\n${field}\r\n`);
  };
  const statusOf = async (host: string, pair?: string): Promise<number> =>
    (await ask(host, pair).catch(() => null))?.status ?? 0;
  const soon = { timeout: 20_000 };
  await expect.poll(() => statusOf('auth.test'), soon).toBe(401);

  const right = await Promise.all(
    Array.from({ length: 8 }, () => statusOf('auth.test', 'bob:secret')),
  );
  expect(new Set(right)).toEqual(new Set([200]));
  expect(await statusOf('auth.test', 'bob:wrong')).toBe(401);
  expect(teal.lines.join('\n')).not.toContain('secret');

  const text = async (): Promise<string> => (await ask('page.test')).body.toString();
  await expect.poll(text, soon).toBe('first');
  page('second');
  await expect.poll(text, soon).toBe('second');
  expect((await ask('page.test')).startLine).toBe('HTTP/1.1 503 Later');
});
