// §5: the admin port of a balancer that runs, to the byte where scripts compare bytes; §4.3: its signals;
// §1.1: --dry, which prints the same configuration.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAdmin } from '../../src/admin/server.ts';
import { SILENT } from '../../src/log/logger.ts';
import { freePorts } from '../scenario/free-ports.ts';
import { rawApp } from '../scenario/raw-apps.ts';
import { TealProcess } from '../scenario/teal-process.ts';
import { sampleFacts } from '../stats/sample-facts.ts';
import { sampleView } from '../stats/sample-view.ts';
import { FakeMarathon, sendJson, until } from '../support/fake-marathon.ts';

let marathon: FakeMarathon;
let teal: TealProcess;
let stats: number;
let service: number;
let flags: readonly string[];
const origin = createServer((_message, response) => response.end('hello'));

async function ask(path: string, method: 'GET' | 'POST' | 'PUT' = 'GET', port = stats) {
  const answer = await request(`http://127.0.0.1:${port}${path}`, { method });
  return {
    status: answer.statusCode,
    type: answer.headers['content-type'],
    body: await answer.body.text(),
  };
}

beforeAll(async () => {
  origin.listen(0, '127.0.0.1');
  const [httpPort = 0, https = 0, appid = 0, ...ports] = await freePorts(6);
  [stats = 0, service = 0] = ports;
  const other = ports[2] ?? 0;
  const { port } = origin.address() as AddressInfo;
  marathon = await FakeMarathon.start();
  marathon.apps = sendJson({
    apps: [
      rawApp('/zdd/blue', { HAPROXY_0_PORT: `${service}`, HAPROXY_0_VHOST: 'b.test,a.test' }, [
        { port },
      ]),
      rawApp('/quiet', { HAPROXY_0_PORT: `${other}`, HAPROXY_0_VHOST: 'q.test' }, [
        { port, alive: false },
      ]),
    ],
  });
  flags = [
    ...['--marathon', marathon.url, '--group', 'external', '--health-check'],
    ...['--bind', '127.0.0.1', '--workers', '1', '--haproxy-map'],
    ...['--http-port', `${httpPort}`, '--https-port', `${https}`],
    ...['--appid-port', `${appid}`, '--stats-port', `${stats}`],
  ];
  teal = new TealProcess(['sse', ...flags]);
  await teal.line((line) => line.includes('"msg":"cut-over"'), 'the first colour live', 30_000);
}, 60_000);

afterAll(async () => {
  teal?.signal('SIGKILL');
  await teal?.exit;
  await marathon?.stop();
  origin.close();
  origin.closeAllConnections();
});

describe('§5 the admin port', () => {
  it('/_haproxy_health_check says that the process lives', async () => {
    expect(await ask('/_haproxy_health_check')).toEqual({
      status: 200,
      type: 'text/html',
      body: '<html><body><h1>200 OK</h1>\nService ready.\n</body></html>\n',
    });
  });

  it('/_haproxy_getpids tells one process, however many workers there are', async () => {
    expect(await ask('/_haproxy_getpids')).toEqual({
      status: 200,
      type: 'text/plain',
      body: `${teal.pid}`,
    });
  });

  it('/_haproxy_getconfig gives upstream scripts the port of an app', async () => {
    const { status, type, body } = await ask('/_haproxy_getconfig');
    expect([status, type]).toEqual([200, 'text/plain']);
    expect(/zdd_blue(.+?)\n {2}bind .+:(\d+)/.exec(body)?.[2]).toBe(`${service}`);
    expect(body).toContain(`backend zdd_blue_${service}\n`);
  });

  it('/_haproxy_getvhostmap lists hosts, and no app without a usable task', async () => {
    expect(await ask('/_haproxy_getvhostmap')).toEqual({
      status: 200,
      type: 'text/plain',
      body: `a.test zdd_blue_${service}\nb.test zdd_blue_${service}\n`,
    });
  });

  it('/_haproxy_getappmap lists app ids', async () => {
    expect((await ask('/_haproxy_getappmap')).body).toBe(`/zdd/blue zdd_blue_${service}\n`);
  });

  it('/haproxy?stats is the page, with ;csv the columns, with ;json and ;norefresh as in HAProxy', async () => {
    expect((await ask('/haproxy?stats')).type).toContain('text/html');
    expect((await ask('/haproxy?stats;norefresh')).type).toContain('text/html');
    const { type, body } = await ask('/haproxy?stats;csv');
    expect(type).toBe('text/plain');
    expect(body).toMatch(/^# pxname,svname,qcur,/);
    expect(body).toContain(`\nzdd_blue_${service},BACKEND,`);
    expect(JSON.parse((await ask('/haproxy?stats;json')).body)).toBeInstanceOf(Array);
    expect((await ask('/metrics')).body).toContain('haproxy_');
  });

  it.each(['/nothing', '/_haproxy_getconfig/', '/_mlb_signal', '/_mlb_signal/kill'])(
    '%s is 503',
    async (path) => {
      const { status, type, body } = await ask(path);
      expect([status, type, body.length]).toEqual([503, 'text/html', 107]);
    },
  );

  it('any method is taken', async () => {
    expect((await ask('/_haproxy_getpids', 'POST')).body).toBe(`${teal.pid}`);
    expect((await ask('/_haproxy_health_check', 'PUT')).status).toBe(200);
  });

  it('/_mlb_signal/hup makes it read all of Marathon', async () => {
    const asked = marathon.appsAsked;
    expect(await ask('/_mlb_signal/hup')).toEqual({
      status: 200,
      type: 'text/plain',
      body: 'Sent SIGHUP signal to marathon-lb',
    });
    await until('a look at Marathon', () => marathon.appsAsked > asked);
  });

  it('/_mlb_signal/usr1 asks Marathon for nothing', async () => {
    const asked = marathon.appsAsked;
    expect((await ask('/_mlb_signal/usr1')).body).toBe('Sent SIGUSR1 signal to marathon-lb');
    expect((await ask('/_haproxy_getappmap')).body).toContain('/zdd/blue');
    expect(marathon.appsAsked).toBe(asked);
  });

  it('in poll mode there is nobody to send signals to', async () => {
    const admin = await startAdmin({
      address: '127.0.0.1',
      port: 0,
      view: async () => sampleView(),
      config: sampleFacts,
      signals: null,
      log: SILENT,
    });
    try {
      for (const name of ['HUP', 'USR1']) {
        expect(await ask(`/_mlb_signal/${name.toLowerCase()}`, 'GET', admin.port)).toEqual({
          status: 500,
          type: 'text/plain',
          body: `Failed to send SIG${name} signal to marathon-lb (exit code 1). Is marathon-lb running in 'poll' mode?`,
        });
      }
    } finally {
      await admin.close();
    }
  });
});

describe('§4.3 signals', () => {
  it('SIGHUP reads all of Marathon, SIGUSR1 does not, and neither disturbs a request', async () => {
    const asked = marathon.appsAsked;
    teal.signal('SIGUSR1');
    await teal.line((line) => line.includes('SIGUSR1: certificates are read'), 'SIGUSR1');
    expect(marathon.appsAsked).toBe(asked);
    teal.signal('SIGHUP');
    await teal.line((line) => line.includes('SIGHUP: all apps are read anew'), 'SIGHUP');
    await until('a look at Marathon', () => marathon.appsAsked > asked);
    expect((await ask('/', 'GET', service)).body).toBe('hello');
    expect((await ask('/_haproxy_getpids')).body).toBe(`${teal.pid}`);
  });
});

describe('§1.1 --dry', () => {
  it('prints what would be served and ends with 0; problems are told beside it', async () => {
    const dry = new TealProcess(['sse', ...flags, '--dry', '--command', 'x']);
    expect(await dry.exit).toBe(0);
    const text = dry.lines.join('\n');
    expect(/zdd_blue(.+?)\n {2}bind .+:(\d+)/.exec(text)?.[2]).toBe(`${service}`);
    expect(text).toContain('# 127_0_0_1_');
  });

  it('ends with 1 and one line when Marathon does not answer', async () => {
    const [closed] = await freePorts(1);
    const url = `http://127.0.0.1:${closed}`;
    const dry = new TealProcess(['sse', '--group', 'x', '--dry', '--marathon', url]);
    expect(await dry.exit).toBe(1);
    expect(dry.lines).toHaveLength(1);
    expect(dry.lines[0]).toMatch(/^teal: http:.*\/v2\/apps.*ECONNREFUSED/);
  });
});
