// SIGKILL in the middle of a cut-over on two balancers, with requests running: of a worker, of a whole
// balancer, of Marathon. Nothing fails but what the killed one had, the answer says who is missing, and in
// the end there is one live colour.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/fake-marathon.ts';
import { AdminTap } from './admin-tap.ts';
import { clientPortsOf } from './connections.ts';
import { freePorts } from './free-ports.ts';
import { Balancer, Colour, type ColourName } from './kill-stage.ts';
import type { Load, Outcome } from './load.ts';
import { rawApp } from './raw-apps.ts';
import { StandingMarathon } from './standing-marathon.ts';
import { isAlive, TealProcess } from './teal-process.ts';

/** Far beyond what it takes: a whole test is a hang then. */
const HANG_MS = 60_000;
const EXIT = { done: 0, refused: 1, half: 4 } as const;
/** Stops a worker, so that it holds what it holds, and tells the client ports of that. */
function stopWorker(pid: number, { address, service }: Balancer): ReadonlySet<number> {
  process.kill(pid, 'SIGSTOP');
  return clientPortsOf(pid, address, service);
}

describe('in the middle of a cut-over, SIGKILL', () => {
  const leaving: (() => Promise<unknown> | unknown)[] = [];
  const colours = {} as Record<ColourName, Colour>;
  let marathon: StandingMarathon;
  let one: Balancer;
  let two: Balancer;
  let tap: AdminTap;
  let loads: readonly Load[] = [];

  beforeAll(async () => {
    for (const name of ['blue', 'green'] as const) {
      const colour = await Colour.start(name);
      colours[name] = colour;
      leaving.push(() => colour.stop());
    }
    const [service = 0, appid = 0, stats = 0] = await freePorts(3);
    const labels = { HAPROXY_0_PORT: String(service) };
    const app = (name: ColourName) => rawApp(`/zdd/${name}`, labels, [colours[name]]);
    marathon = await StandingMarathon.start([app('blue'), app('green')]);
    leaving.push(() => marathon.kill());
    const balancers = await Promise.all(
      ['127.0.61.1', '127.0.61.2'].map(async (address) => {
        const folder = await mkdtemp(join(tmpdir(), 'teal-kill-'));
        leaving.push(() => rm(folder, { recursive: true }));
        const balancer = new Balancer(address, service, stats, [
          ...['sse', '--marathon', marathon.url, '--group', 'external', '--health-check'],
          ...['--workers', '2', '--dont-bind-http-https', '--appid-port', String(appid)],
          ...['--max-backoff', '1', '--state-dir', folder],
          // A busy machine may keep a client from its next request for longer than the second of HAProxy.
          ...['--http-keep-alive-timeout-ms', '60000'],
        ]);
        leaving.push(() => balancer.kill());
        await balancer.start();
        return balancer;
      }),
    );
    [one, two] = balancers as [Balancer, Balancer];
    tap = await AdminTap.start(one.url);
    leaving.push(() => tap.stop());
  }, HANG_MS);

  afterEach(async () => {
    await Promise.all(loads.map((load) => load.stop()));
    loads = [];
  });

  afterAll(async () => {
    for (const leave of leaving.splice(0).reverse()) await leave();
  }, HANG_MS);

  function letPass(): void {
    tap.before = () => {};
    tap.during = () => {};
  }

  /** Both balancers have the same colour live. Starts a load on each. */
  async function begin(): Promise<{ from: ColourName; to: ColourName }> {
    letPass();
    const [[first], second] = [await one.answers(), await two.answers()];
    expect(second).toEqual([first]);
    loads = [one.load(), two.load()];
    await until('some load', () => loads.every(({ outcomes }) => outcomes.length > 50));
    return first === '200 blue' ? { from: 'blue', to: 'green' } : { from: 'green', to: 'blue' };
  }

  /** Ends the load and tells what failed, of each. */
  async function failures(): Promise<readonly (readonly Outcome[])[]> {
    await Promise.all(loads.map((load) => load.stop()));
    return loads.map((load) => load.failures);
  }

  async function cutOver(to: ColourName): Promise<{ exit: number | null; text: string }> {
    const command = new TealProcess([
      ...['cutover', String(one.service), to, '--lb', tap.url, '--lb', two.url],
    ]);
    const exit = await command.exit;
    return { exit, text: command.lines.join('\n') };
  }

  async function expectLive(colour: ColourName): Promise<void> {
    expect([await one.answers(), await two.answers()]).toEqual([
      [`200 ${colour}`],
      [`200 ${colour}`],
    ]);
  }

  /** Once more, with everybody there. */
  async function completes(to: ColourName): Promise<void> {
    letPass();
    const { exit, text } = await cutOver(to);
    expect([text, exit]).toEqual([text, EXIT.done]);
    await expectLive(to);
  }

  it(
    'of Marathon is no matter to it, nor to a request, and the colour stays when it is back',
    async () => {
      const { to } = await begin();
      tap.before = async (phase) => {
        if (phase === 'commit') await marathon.kill();
      };
      const { exit, text } = await cutOver(to);
      expect([text, exit]).toEqual([text, EXIT.done]);
      await expectLive(to);
      await marathon.start();
      await until('Marathon to be heard again', () =>
        [one, two].every(({ teal }) => teal.lines.some((line) => line.includes('works again'))),
      );
      await expectLive(to);
      expect(await failures()).toEqual([[], []]);
    },
    HANG_MS,
  );

  it(
    'of a worker between prepare and commit costs its own connections only',
    async () => {
      const { to } = await begin();
      const [victim = 0] = await one.workers();
      let held: ReadonlySet<number> = new Set();
      tap.before = async (phase) => {
        if (phase !== 'commit') return;
        held = stopWorker(victim, one);
        const isSeen = one.teal.line(
          (line) => line.includes(`"pid":${victim}`) && line.includes('ended unexpectedly'),
          'its end',
        );
        process.kill(victim, 'SIGKILL');
        await isSeen;
      };
      const { exit, text } = await cutOver(to);
      expect([text, exit]).toEqual([text, EXIT.done]);
      await expectLive(to);
      expect(await one.workers()).not.toContain(victim);
      await expectLive(to);
      const [ofOne = [], ofTwo = []] = await failures();
      expect(ofTwo).toEqual([]);
      expect(held.size).toBeGreaterThan(0);
      expect(ofOne.filter(({ localPort }) => !held.has(localPort))).toEqual([]);
    },
    HANG_MS,
  );

  it(
    'of a worker while it commits stops it: the answer names it, nothing is changed anywhere',
    async () => {
      const { from, to } = await begin();
      const [victim = 0] = await one.workers();
      let held: ReadonlySet<number> = new Set();
      tap.before = (phase) => {
        if (phase === 'commit') held = stopWorker(victim, one);
      };
      tap.during = async (phase) => {
        if (phase !== 'commit') return;
        // The answer waits for the stopped worker: everybody has been asked to prepare by then.
        while (!(await one.pinned()).includes(`/zdd/${to}`));
        process.kill(victim, 'SIGKILL');
      };
      const { exit, text } = await cutOver(to);
      expect([text, exit]).toEqual([text, EXIT.refused]);
      expect(text).toContain(`${tap.url}: worker ${victim} ended while it prepared`);
      expect(text).toContain(`${two.url}: put back, /zdd/${from} is in force again`);
      await expectLive(from);
      expect(await one.workers()).not.toContain(victim);
      await completes(to);
      const [ofOne = [], ofTwo = []] = await failures();
      expect(ofTwo).toEqual([]);
      expect(ofOne.filter(({ localPort }) => !held.has(localPort))).toEqual([]);
    },
    HANG_MS,
  );

  it(
    'of a balancer between prepare and commit is told, the other one is put back, and both can go on',
    async () => {
      const { from, to } = await begin();
      const workers = await one.workers();
      const asked = Promise.all(Array.from({ length: 6 }, () => one.askHeld()));
      await until('requests in flight', () => colours[from].held.length === 6);
      tap.before = async (phase) => {
        if (phase === 'commit') await one.kill();
      };
      const { exit, text } = await cutOver(to);
      expect([text, exit]).toEqual([text, EXIT.half]);
      expect(text).toContain(`${tap.url} may have it and is not put back`);
      expect(text).toContain(`${two.url}: put back, /zdd/${from} is in force again`);
      // Its workers outlive it for what they have.
      for (const response of colours[from].held.splice(0)) response.end('held');
      expect(await asked).toEqual(Array.from({ length: 6 }, () => '200 held'));
      await until('its workers to be gone', () => !workers.some(isAlive));
      letPass();
      await one.start();
      expectReadable(one);
      await expectLive(from);
      await completes(to);
      const [ofOne = [], ofTwo = []] = await failures();
      expect(ofTwo).toEqual([]);
      expect(ofOne.filter(({ failure }) => !isRefusal(failure))).toEqual([]);
    },
    HANG_MS,
  );

  it.each([0, 2, 8])(
    'of a balancer that commits leaves it a state that can be read, of one colour or the other (%i ms)',
    async (afterMs) => {
      const { from, to } = await begin();
      let killed: Promise<void> = Promise.resolve();
      tap.during = (phase) => {
        if (phase !== 'commit') return;
        killed = new Promise<void>((resolve) => setTimeout(resolve, afterMs)).then(() =>
          one.kill(),
        );
      };
      const { exit, text } = await cutOver(to);
      await killed;
      letPass();
      expect([EXIT.done, EXIT.half]).toContain(exit);
      if (exit === EXIT.half) expect(text).toContain(`${tap.url} may have it and is not put back`);
      await one.start();
      expectReadable(one);
      const [found] = await one.answers();
      // What was answered is kept; what was not may be either way.
      expect(exit === EXIT.done ? [`200 ${to}`] : [`200 ${from}`, `200 ${to}`]).toContain(found);
      await completes(to);
      const [ofOne = [], ofTwo = []] = await failures();
      expect(ofTwo).toEqual([]);
      expect(ofOne.filter(({ failure }) => !isRefusal(failure))).toEqual([]);
    },
    HANG_MS,
  );
});

function expectReadable({ teal }: Balancer): void {
  const complaints = teal.log.filter(({ msg }) => /saved orders are not used/.test(String(msg)));
  expect(complaints).toEqual([]);
}

/** Nobody was there, or went before a byte of the answer: never a wrong answer, nor half of one. */
function isRefusal(failure: string): boolean {
  return /ECONNREFUSED|ECONNRESET|socket hang up/.test(failure) && !failure.startsWith('body');
}
