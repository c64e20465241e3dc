// `teal deploy` as a process, with two balancers and a Marathon: under load, and with a balancer
// that is not there.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Edge, shop, startEdge } from './edge.ts';
import { Load, type Outcome } from './load.ts';
import { TealProcess } from './teal-process.ts';

/** Far beyond what it takes: a whole test is a hang then. */
const HANG_MS = 60_000;

describe('teal deploy, with two balancers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'teal-deploy-'));
  const running: TealProcess[] = [];
  let edge: Edge;
  let loads: Load[] = [];

  beforeAll(async () => {
    edge = await startEdge(['127.0.46.1', '127.0.46.2']);
  });

  afterAll(async () => {
    for (const teal of running) teal.signal('SIGKILL');
    await Promise.all(loads.map((load) => load.stop()));
    await edge?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it(
    'creates the first colour, and ends when every balancer serves it',
    async () => {
      const teal = deploy('1.0');
      expect(await teal.exit).toBe(0);
      expect(await versions()).toEqual(['1.0', '1.0']);
    },
    HANG_MS,
  );

  it(
    'replaces it by canary steps under load without a failure, and ends the old colour',
    async () => {
      loads = edge.addresses.map(
        (address) =>
          new Load(address, edge.port, [
            { name: 'keep-alive', path: '/endpoint0', clients: 2, keepAlive: true, pauseMs: 5 },
            { name: 'new', path: '/endpoint0', clients: 2, keepAlive: false, pauseMs: 5 },
          ]),
      );
      const hook = join(folder, 'hook');
      writeFileSync(hook, `#!/bin/sh\nprintf '%s\\n' "$2" > ${folder}/killed\n`, { mode: 0o755 });
      const teal = deploy(
        '2.0',
        '--canary',
        '50,100',
        '--step-seconds',
        '1',
        '--pre-kill-hook',
        hook,
      );
      await teal.line((line) => line.includes('is live on all balancers'), 'the cut-over');
      const liveAtMs = Date.now();
      expect(await teal.exit, teal.lines.join('\n')).toBe(0);
      expect(await versions()).toEqual(['2.0', '2.0']);
      const { instances, tasks } = await edge.marathon.app('/shop-blue');
      expect({ instances, tasks }).toEqual({ instances: 0, tasks: [] });
      await Promise.all(loads.map((load) => load.stop()));
      const outcomes = loads.flatMap((load) => load.outcomes);
      expect(outcomes.filter(({ failure }) => failure !== '')).toEqual([]);
      expect(outcomes.length).toBeGreaterThan(200);
      expect(outcomes.some((one) => one.startedAtMs < liveAtMs && isVersion(one, '2.0'))).toBe(
        true,
      );
      expect(readFileSync(join(folder, 'killed'), 'utf8')).toMatch(/^\["shop-blue\./);
      expect(outcomes.filter((one) => one.startedAtMs > liveAtMs && isVersion(one, '1.0'))).toEqual(
        [],
      );
    },
    HANG_MS,
  );

  it(
    'is seen by teal status, history and explain',
    async () => {
      const looks = [
        start(['status', String(edge.port), ...edge.lbs]),
        start(['history', String(edge.port), ...edge.lbs]),
        start(['explain', `http://${edge.addresses[0]}:${edge.port}/`, ...edge.lbs.slice(0, 2)]),
      ];
      expect(await Promise.all(looks.map(({ exit }) => exit))).toEqual([0, 0, 0]);
      const [status = '', history = '', explain = ''] = looks.map(({ lines }) => lines.join('\n'));
      expect(status.match(/\/shop-green is live/g)).toHaveLength(2);
      expect(history).toMatch(/\/shop-blue → \/shop-green {2}cutover by .*\(teal deploy\)/);
      expect(explain).toMatch(/^goes to .*\/shop-green/);
    },
    HANG_MS,
  );

  it(
    'with a balancer that does not answer names it, and neither Marathon nor the others change',
    async () => {
      edge.balancers[1]?.signal('SIGKILL');
      await edge.balancers[1]?.exit;
      const before = await edge.marathon.app('/shop-blue');
      const teal = deploy('3.0');
      expect(await teal.exit).toBe(3);
      expect(teal.lines.join('\n')).toMatch(/http:\/\/127\.0\.46\.2:\d+: does not answer/);
      expect(await edge.marathon.app('/shop-blue')).toEqual(before);
      expect(await version(edge.addresses[0] as string)).toBe('2.0');
      const order = start(['cutover', String(edge.port), ...edge.lbs]);
      expect(await order.exit).toBe(3);
      expect(await version(edge.addresses[0] as string)).toBe('2.0');
    },
    HANG_MS,
  );

  function deploy(of: string, ...flags: readonly string[]): TealProcess {
    const file = join(folder, 'shop.json');
    writeFileSync(file, JSON.stringify(shop('/shop', edge.port, of)));
    return start(['deploy', file, '--bake-seconds', '1', ...flags, ...edge.flags]);
  }

  function start(args: readonly string[]): TealProcess {
    const teal = new TealProcess(args);
    running.push(teal);
    return teal;
  }

  function versions(): Promise<string[]> {
    return Promise.all(edge.addresses.map(version));
  }

  async function version(address: string): Promise<string> {
    const answer = await request(`http://${address}:${edge.port}/endpoint0`);
    return ((await answer.body.json()) as { version: string }).version;
  }
});

function isVersion({ body }: Outcome, version: string): boolean {
  return body?.includes(`"version": "${version}"`) === true;
}
