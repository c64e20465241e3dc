// Orders to `teal sse` as a process: what was answered is in force on every worker, and stays so whatever
// becomes of the process.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeMarathon, sendJson } from '../support/fake-marathon.ts';
import { freePorts } from './free-ports.ts';
import { rawApp } from './raw-apps.ts';
import { TealProcess } from './teal-process.ts';

const leaving: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const leave of leaving.splice(0).reverse()) await leave();
});

/** A server that answers with its name. */
async function origin(name: string, status = 200): Promise<number> {
  const server = http.createServer((_, response) => response.writeHead(status).end(name));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  leaving.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

class Stage {
  readonly service: number;
  readonly #stats: number;
  readonly #args: readonly string[];
  readonly #folder: string;
  /** A connection per request: they spread over the workers. */
  readonly #fresh = new Agent({ pipelining: 0 });
  #teal: TealProcess | null = null;

  constructor(service: number, stats: number, folder: string, args: readonly string[]) {
    this.service = service;
    this.#folder = folder;
    this.#stats = stats;
    this.#args = args;
  }

  get teal(): TealProcess {
    if (this.#teal === null) throw new Error('teal is not running');
    return this.#teal;
  }

  async start(): Promise<void> {
    this.#teal = new TealProcess(this.#args);
    await this.teal.line((line) => line.includes('"msg":"cut-over"'), 'a live colour', 20_000);
  }

  async kill(): Promise<void> {
    this.#teal?.signal('SIGKILL');
    await this.#teal?.exit;
  }

  async ask(headers: Readonly<Record<string, string>> = {}): Promise<string> {
    const url = `http://127.0.0.1:${this.service}/`;
    const answer = await request(url, { headers, dispatcher: this.#fresh });
    return `${answer.statusCode} ${await answer.body.text()}`;
  }

  /** Resolves when what is on disk says `text`. */
  async saved(text: string): Promise<void> {
    const deadlineMs = Date.now() + 20_000;
    let state = '';
    while (!state.includes(text)) {
      if (Date.now() > deadlineMs) throw new Error(`'${text}' is not saved: ${state}`);
      state = await readFile(join(this.#folder, 'state.json'), 'utf8').catch(() => '');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async order(order: object) {
    const answer = await request(`http://127.0.0.1:${this.#stats}/_teal/orders`, {
      method: 'POST',
      body: JSON.stringify({ service: String(this.service), by: 'ann', ...order }),
    });
    return {
      status: answer.statusCode,
      body: (await answer.body.json()) as Record<string, unknown>,
    };
  }
}

/** Blue and green behind one service port, green newer; two workers, and a folder for their state. */
async function stage(flags: readonly string[] = [], greenStatus = 200): Promise<Stage> {
  const marathon = await FakeMarathon.start();
  leaving.push(() => marathon.stop());
  const folder = await mkdtemp(join(tmpdir(), 'teal-orders-'));
  leaving.push(() => rm(folder, { recursive: true }));
  const [service = 0, appid = 0, stats = 0] = await freePorts(3);
  const labels = { HAPROXY_0_PORT: String(service) };
  const versionInfo = {
    lastScalingAt: '2026-02-01T00:00:00.000Z',
    lastConfigChangeAt: '2026-02-01T00:00:00.000Z',
  };
  const [blue, green] = [await origin('blue'), await origin('green', greenStatus)];
  marathon.apps = sendJson({
    apps: [
      rawApp('/zdd/blue', labels, [{ port: blue }]),
      rawApp('/zdd/green', labels, [{ port: green }], { versionInfo }),
    ],
  });
  const made = new Stage(service, stats, folder, [
    ...['sse', '--marathon', marathon.url, '--group', 'external', '--health-check'],
    ...['--bind', '127.0.0.1', '--workers', '2', '--dont-bind-http-https'],
    ...['--appid-port', String(appid), '--stats-port', String(stats)],
    ...['--state-dir', folder, ...flags],
  ]);
  leaving.push(() => made.kill());
  await made.start();
  return made;
}

describe('an order', () => {
  it('that was answered is in force on every worker, for every request after it', async () => {
    const teal = await stage();
    expect(await teal.ask()).toBe('200 green');
    for (const colour of ['blue', 'green', 'blue', 'green', 'blue']) {
      const { status, body } = await teal.order({ order: 'cutover', colour });
      expect(status).toBe(200);
      expect(body).toMatchObject({ live: `/zdd/${colour}` });
      const workers = body['workers'] as readonly { readonly epoch: number }[];
      expect(workers).toHaveLength(2);
      expect(workers.every(({ epoch }) => epoch === body['epoch'])).toBe(true);
      const answers = await Promise.all(Array.from({ length: 20 }, () => teal.ask()));
      expect(new Set(answers)).toEqual(new Set([`200 ${colour}`]));
    }
  });

  it('to release, prepared and committed, is answered when the rule is in force for every request', async () => {
    const teal = await stage();
    expect((await teal.order({ order: 'cutover', colour: 'blue' })).status).toBe(200);
    const prepared = await teal.order({ order: 'release', phase: 'prepare' });
    expect(prepared.body).toMatchObject({ live: '/zdd/blue' });
    const lease = prepared.body['lease'];
    const { status, body } = await teal.order({ order: 'release', phase: 'commit', lease });
    expect([status, body['live']]).toEqual([200, '/zdd/green']);
    const answers = await Promise.all(Array.from({ length: 20 }, () => teal.ask()));
    expect(new Set(answers)).toEqual(new Set(['200 green']));
  });

  it('that was answered holds after a kill and a restart, and the way back is still known', async () => {
    const teal = await stage();
    expect((await teal.order({ order: 'cutover', colour: 'blue' })).status).toBe(200);
    await teal.kill();
    await teal.start();
    expect(await teal.ask()).toBe('200 blue');
    const { status, body } = await teal.order({ order: 'rollback' });
    expect([status, body['live']]).toEqual([200, '/zdd/green']);
  });

  it('is whole after a kill at any moment: in force as it was ordered, or not at all', async () => {
    const teal = await stage();
    let live = 'green';
    for (let round = 0; round < 6; round += 1) {
      const colour = live === 'green' ? 'blue' : 'green';
      const answered = teal.order({ order: 'cutover', colour }).then(
        ({ status }) => status === 200,
        () => false,
      );
      // Some are killed before they have read the order, some while they write, some after.
      for (let turn = 0; turn < round * 3; turn += 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (round % 3 === 2) await answered;
      await teal.kill();
      const isKept = await answered;
      await teal.start();
      const answer = await teal.ask();
      if (isKept) expect(answer).toBe(`200 ${colour}`);
      expect(['200 blue', '200 green']).toContain(answer);
      expect(teal.teal.log.some(({ msg }) => /saved orders are not used/.test(String(msg)))).toBe(
        false,
      );
      live = answer.slice(4);
    }
  }, 120_000);

  it('splits requests by share of requests, not by number of servers', async () => {
    const teal = await stage();
    const { status } = await teal.order({ order: 'split', shares: { blue: 80, green: 20 } });
    expect(status).toBe(200);
    const answers = await Promise.all(Array.from({ length: 100 }, () => teal.ask()));
    const ofBlue = answers.filter((answer) => answer === '200 blue').length;
    expect(answers.every((answer) => answer.startsWith('200 '))).toBe(true);
    expect(ofBlue).toBeGreaterThanOrEqual(70);
    expect(ofBlue).toBeLessThanOrEqual(90);
  });

  it('is needed by nobody to leave a colour that fails its bake time', async () => {
    const flags = ['--bake-seconds', '600', '--bake-min-requests', '5', '--no-own-checks'];
    const teal = await stage(flags, 500);
    expect((await teal.order({ order: 'cutover', colour: 'blue' })).status).toBe(200);
    expect((await teal.order({ order: 'cutover', colour: 'green' })).status).toBe(200);
    expect(await teal.ask()).toBe('500 green');
    const isBack = teal.teal.line(
      (line) => line.includes('"order":"bake"'),
      'the way back',
      20_000,
    );
    let answer = '';
    while (answer !== '200 blue') answer = await teal.ask();
    expect(await isBack).toContain('of its requests fail');
    // Neither a look at Marathon nor a release makes the failed version live again.
    expect((await teal.order({ order: 'release' })).body).toMatchObject({ live: '/zdd/blue' });
    expect(await teal.ask()).toBe('200 blue');
  });

  it('is needed by nobody after a kill either: what bakes goes on where it was', async () => {
    const flags = ['--bake-seconds', '600', '--bake-min-requests', '20', '--no-own-checks'];
    const teal = await stage(flags, 500);
    expect((await teal.order({ order: 'cutover', colour: 'blue' })).status).toBe(200);
    expect((await teal.order({ order: 'cutover', colour: 'green' })).status).toBe(200);
    for (let round = 0; round < 12; round += 1) expect(await teal.ask()).toBe('500 green');
    await teal.saved('"seen":{"requests":12,"failures":12,');
    await teal.kill();
    await teal.start();
    for (let round = 0; round < 8; round += 1) expect(await teal.ask()).toBe('500 green');
    // Twenty are enough, and nobody has seen that many in one life.
    const back = await teal.teal.line((line) => line.includes('"order":"bake"'), 'the way back');
    expect(back).toContain('/zdd/green failed its bake time: 100 % of its requests fail');
    expect(await teal.ask()).toBe('200 blue');
  });
});
