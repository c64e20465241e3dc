// The access log of `teal sse` as a process: by flag and by label, on standard output.

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeMarathon, sendJson } from '../support/fake-marathon.ts';
import { freePorts } from './free-ports.ts';
import { rawApp } from './raw-apps.ts';
import { TealProcess } from './teal-process.ts';

const leaving: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const leave of leaving.splice(0).reverse()) await leave();
});

async function origin(): Promise<number> {
  const server = http.createServer((_request, response) => response.end('ok'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  leaving.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Two services, `/loud` and `/quiet`, the latter with these labels. */
async function serve(flags: readonly string[], labels: Readonly<Record<string, string>>) {
  const marathon = await FakeMarathon.start();
  leaving.push(() => marathon.stop());
  const [loud = 0, quiet = 0, httpPort = 0, https = 0, appid = 0, stats = 0] = await freePorts(6);
  const tasks = [{ port: await origin() }];
  marathon.apps = sendJson({
    apps: [
      rawApp('/loud', { HAPROXY_0_PORT: String(loud) }, tasks),
      rawApp('/quiet', { HAPROXY_0_PORT: String(quiet), ...labels }, tasks),
    ],
  });
  const teal = new TealProcess([
    ...['sse', '--marathon', marathon.url, '--group', 'external', '--health-check'],
    ...['--bind', '127.0.0.1', '--workers', '2', '--http-port', String(httpPort)],
    ...['--https-port', String(https), '--appid-port', String(appid)],
    ...['--stats-port', String(stats), ...flags],
  ]);
  leaving.push(async () => {
    teal.signal('SIGKILL');
    await teal.exit;
  });
  for (const app of ['/loud', '/quiet']) {
    const isLive = (line: string): boolean => line.includes('"cut-over"') && line.includes(app);
    await teal.line(isLive, `${app} live`, 20_000);
  }
  return { teal, loud, quiet };
}

async function ask(port: number, path: string): Promise<void> {
  await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
}

describe('the access log', { timeout: 60_000 }, () => {
  it('is on by flag, but for a service whose label says off, and complete when Teal ends', async () => {
    const off = { TEAL_0_ACCESS_LOG: 'off' };
    const { teal, loud, quiet } = await serve(['--access-log', 'httplog'], off);
    await ask(quiet, '/unseen');
    for (let i = 0; i < 20; i += 1) await ask(loud, `/${i}`);
    teal.signal('SIGTERM');
    await teal.exit;
    const told = teal.lines.flatMap((line) => /"GET (\S+) HTTP\/1\.1"$/.exec(line)?.[1] ?? []);
    expect(told.toSorted()).toEqual(Array.from({ length: 20 }, (_, i) => `/${i}`).toSorted());
    expect(teal.lines.find((line) => line.endsWith('"GET /7 HTTP/1.1"'))).toMatch(
      new RegExp(`^127\\.0\\.0\\.1:\\d+ \\[.*\\] loud_${loud} loud_${loud}/\\S+ .* 200 .* ---- `),
    );
  });

  it('is off without the flag, but for a service whose label says on', async () => {
    const { teal, loud, quiet } = await serve([], { TEAL_0_ACCESS_LOG: 'on' });
    await ask(loud, '/unseen');
    await ask(quiet, '/seen');
    const isSeen = (line: string): boolean => line.endsWith('"GET /seen HTTP/1.1"');
    await teal.line(isSeen, 'a line of the access log', 10_000);
    expect(teal.lines.some((line) => line.includes('/unseen'))).toBe(false);
  });
});
