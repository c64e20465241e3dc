// `teal sse` with a services file and a Mesos-DNS, before a Marathon that comes and goes.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import type { MesosTask } from '../../src/embedded/mesos-task.ts';
import { startEmbeddedMesosDns } from '../../src/embedded/mesosdns/mesos-dns.ts';
import { SILENT } from '../../src/log/logger.ts';
import { FakeMarathon, sendJson, sendStatus } from '../support/fake-marathon.ts';
import { freePorts } from './free-ports.ts';
import { rawApp } from './raw-apps.ts';
import { TealProcess } from './teal-process.ts';

const leaving: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const leave of leaving.splice(0).reverse()) await leave();
});

async function origin(name: string): Promise<number> {
  const server = http.createServer((_, response) => void response.end(name));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  leaving.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function mesosDns() {
  const dns = await startEmbeddedMesosDns({
    dnsPort: 0,
    httpPort: 0,
    log: SILENT,
    ttlSeconds: 1,
  });
  leaving.push(() => dns.stop());
  return dns;
}

/** A task as Mesos knows it, on this machine. */
function mesosTask(id: string, name: string, port: number): MesosTask {
  return {
    id,
    name,
    slaveId: 'agent-S0',
    agentAddress: '127.0.0.1',
    address: '127.0.0.1',
    ports: [{ number: port, protocol: 'tcp', name: '' }],
  };
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'teal-sources-'));
  leaving.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function serve(marathonUrl: string, flags: readonly string[]) {
  const [httpPort = 0, https = 0, appid = 0, stats = 0] = await freePorts(4);
  const teal = new TealProcess([
    ...['sse', '--marathon', marathonUrl, '--group', 'external', '--bind', '127.0.0.1'],
    ...['--workers', '1', '--max-backoff', '1', '--http-port', String(httpPort)],
    ...['--https-port', String(https), '--appid-port', String(appid)],
    ...['--stats-port', String(stats), ...flags],
  ]);
  leaving.push(async () => {
    teal.signal('SIGKILL');
    await teal.exit;
  });
  return { teal, http: httpPort, stats };
}

/** What answers on a port; the error's code when nobody does. */
async function ask(port: number, host = 'x'): Promise<string> {
  try {
    const { statusCode, body } = await request(`http://127.0.0.1:${port}/`, { headers: { host } });
    const text = await body.text();
    return statusCode === 200 ? text : String(statusCode);
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

const eventually = { timeout: 15_000, interval: 100 };

describe('services of a file', () => {
  it('are served from SRV records and fixed addresses, by port and host, and follow changes', async () => {
    const dns = await mesosDns();
    const [fixed, found, moved] = [
      await origin('fixed'),
      await origin('found'),
      await origin('moved'),
    ];
    dns.update([mesosTask('search.1', 'search', found)]);
    const [legacy = 0, search = 0] = await freePorts(2);
    const file = join(folder(), 'services.json');
    writeFileSync(
      file,
      JSON.stringify({
        services: [
          { name: 'legacy', port: legacy, servers: [`127.0.0.1:${fixed}`], vhosts: ['old.test'] },
          { name: 'search', port: search, srv: '_search._tcp.marathon.slave.mesos' },
        ],
      }),
    );
    const marathon = await FakeMarathon.start();
    leaving.push(() => marathon.stop());
    marathon.apps = sendJson({ apps: [] });
    const flags = ['--config', file, '--mesos-dns', `127.0.0.1:${dns.dnsPort}`];
    const teal = await serve(marathon.url, flags);
    await expect.poll(() => ask(search), eventually).toBe('found');
    await expect.poll(() => ask(legacy), eventually).toBe('fixed');
    expect(await ask(teal.http, 'old.test')).toBe('fixed');
    dns.update([mesosTask('search.2', 'search', moved)]);
    await expect.poll(() => ask(search), eventually).toBe('moved');
  });

  it('that cannot be read end the start with every fault named', async () => {
    const file = join(folder(), 'services.json');
    writeFileSync(file, JSON.stringify({ services: [{ name: 'a', port: 0 }, { name: 'b' }] }));
    const { teal } = await serve('http://127.0.0.1:1', ['--config', file]);
    expect(await teal.exit).toBe(2);
    const text = teal.lines.join('\n');
    expect(text).toContain('/services/0/port: must be >= 1');
    expect(text).toContain("/services/1: expected a field 'port'");
  });
});

describe('known apps', () => {
  it('follow Mesos-DNS while Marathon is away, and are there after a restart without it', async () => {
    const dns = await mesosDns();
    const [one, two, three] = [await origin('one'), await origin('two'), await origin('three')];
    const [service = 0] = await freePorts(1);
    const marathon = await FakeMarathon.start();
    leaving.push(() => marathon.stop());
    const labels = { HAPROXY_0_PORT: String(service), HAPROXY_0_MODE: 'http' };
    const app = rawApp('/shop', labels, [{ port: one }]);
    const id = (app['tasks'] as { id: string }[])[0]?.id ?? '';
    marathon.apps = sendJson({ apps: [{ ...app, healthChecks: [] }] });
    dns.update([mesosTask(id, 'shop', one)]);
    const flags = [
      ...['--mesos-dns', `127.0.0.1:${dns.dnsPort}`, '--mesos-dns-after-seconds', '0'],
      ...['--state-dir', folder()],
    ];
    const first = await serve(marathon.url, flags);
    await expect.poll(() => ask(service), eventually).toBe('one');

    // A restart finds no Marathon: the saved list is served, with the server Mesos-DNS has by now.
    first.teal.signal('SIGTERM');
    expect(await first.teal.exit).toBe(0);
    marathon.apps = sendStatus(503);
    dns.update([mesosTask('shop.2', 'shop', two)]);
    const second = await serve(marathon.url, flags);
    await second.teal.line((line) => line.includes('saved before the start'), 'the saved list');
    await expect.poll(() => ask(service), eventually).toBe('two');
    dns.update([mesosTask('shop.3', 'shop', three)]);
    await expect.poll(() => ask(service), eventually).toBe('three');
    const page = await request(`http://127.0.0.1:${second.stats}/haproxy?stats`);
    expect(await page.body.text()).toContain('servers known from Mesos-DNS only');

    // Marathon is back: its word is served.
    marathon.apps = sendJson({ apps: [{ ...app, healthChecks: [] }] });
    await expect.poll(() => ask(service), eventually).toBe('one');
  });
});
