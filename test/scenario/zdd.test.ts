// `teal zdd` as a process, with two balancers and a Marathon, under load.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Load } from './load.ts';
import { SICK, ZddEdge } from './zdd-edge.ts';

/** Far beyond what it takes: a whole test is a hang then. */
const HANG_MS = 120_000;

describe('teal zdd, with two balancers under load', () => {
  let stage: ZddEdge;
  let loads: readonly Load[] = [];

  beforeAll(async () => {
    stage = await ZddEdge.start(['127.0.46.10', '127.0.46.11']);
  });

  afterAll(() => stage?.stop(), HANG_MS);

  it(
    'creates the first side whole, as blue',
    async () => {
      await stage.ended(stage.zdd('1.0'), 0);
      await stage.edge.marathon.settled('/shop-blue', 4);
      expect(await stage.apps()).toEqual(['/shop-blue 4']);
      const [blue] = await stage.list();
      expect(blue?.labels).toMatchObject({
        HAPROXY_APP_ID: '/shop',
        HAPROXY_0_PORT: String(stage.edge.port),
        HAPROXY_DEPLOYMENT_COLOUR: 'blue',
        HAPROXY_DEPLOYMENT_TARGET_INSTANCES: '4',
        HAPROXY_DEPLOYMENT_NEW_INSTANCES: '0',
      });
      await Promise.all(stage.edge.balancers.map((teal) => teal.line(isCutOver, 'blue live')));
      loads = stage.load();
    },
    HANG_MS,
  );

  it(
    'in a dry run prints the other side and says what it would do, and changes nothing',
    async () => {
      const said = await stage.ended(stage.zdd('2.0', '--dry-run'), 0);
      expect(said).toContain('"id": "/shop-green"');
      expect(said).toContain('would take over from /shop-blue step by step');
      expect(await stage.apps()).toEqual(['/shop-blue 4']);
    },
    HANG_MS,
  );

  it(
    'replaces blue by green step by step, asking the hook before tasks are killed',
    async () => {
      const hook = join(stage.folder, 'hook');
      const calls = join(stage.folder, 'calls');
      writeFileSync(hook, `#!/bin/sh\nprintf '%s\\n' "$2" >> ${calls}\n`, { mode: 0o755 });
      const said = await stage.ended(stage.zdd('2.0', '--pre-kill-hook', hook), 0);
      expect(await stage.apps()).toEqual(['/shop-green 4']);
      expect(await stage.versions()).toEqual(['2.0']);
      expect(said).toMatch(/\/shop-green: from 1 to 2 instances/);
      expect(said).toContain('/shop-blue is deleted');
      const killed = readFileSync(calls, 'utf8').trim().split('\n');
      const tasks = killed.flatMap((line) => JSON.parse(line) as string[]);
      expect(killed.length).toBeGreaterThan(1);
      expect(tasks.every((task) => task.startsWith('shop-blue.'))).toBe(true);
      expect(new Set(tasks).size).toBe(4);
    },
    HANG_MS,
  );

  it(
    'with --new-instances leaves a pair, which both answer',
    async () => {
      const said = await stage.ended(stage.zdd('3.0', '--new-instances', '2'), 0);
      expect(said).toContain('/shop-blue has 2 instances and /shop-green keeps 2');
      expect(await stage.apps()).toEqual(['/shop-blue 2', '/shop-green 2']);
      expect(await stage.versions()).toEqual(['2.0', '3.0']);
    },
    HANG_MS,
  );

  it(
    'does not begin another deployment beside the pair',
    async () => {
      expect(await stage.ended(stage.zdd('4.0'), 2)).toContain('expected --resume');
      expect(await stage.apps()).toEqual(['/shop-blue 2', '/shop-green 2']);
    },
    HANG_MS,
  );

  it(
    'leads a pair back to its older side',
    async () => {
      const foreseen = await stage.ended(stage.zdd('3.0', '--complete-prev', '--dry-run'), 0);
      expect(foreseen).toContain('would kill nothing, and scale /shop-green to 4');
      await stage.ended(stage.zdd('3.0', '--complete-prev'), 0);
      expect(await stage.apps()).toEqual(['/shop-green 4']);
      expect(await stage.versions()).toEqual(['2.0']);
    },
    HANG_MS,
  );

  it(
    'leads a pair on to its newer side',
    async () => {
      await stage.ended(stage.zdd('5.0', '-n', '1'), 0);
      expect(await stage.apps()).toEqual(['/shop-blue 1', '/shop-green 3']);
      await stage.ended(stage.zdd('5.0', '--complete-cur'), 0);
      expect(await stage.apps()).toEqual(['/shop-blue 4']);
      expect(await stage.versions()).toEqual(['5.0']);
    },
    HANG_MS,
  );

  it(
    'killed in the middle, is gone on with by --resume',
    async () => {
      const first = stage.zdd('6.0');
      await first.line((line) => line.includes('from 1 to 2'), 'the second step');
      first.signal('SIGKILL');
      await first.exit;
      expect(await stage.apps()).toHaveLength(2);
      await stage.ended(stage.zdd('6.0', '--resume'), 0);
      expect(await stage.apps()).toEqual(['/shop-green 4']);
      expect(await stage.versions()).toEqual(['6.0']);
    },
    HANG_MS,
  );

  it(
    'ends with 2 where the hook does not agree, before anything is killed, and goes on later',
    async () => {
      const said = await stage.ended(stage.zdd('7.0', '--pre-kill-hook', '/bin/false'), 2);
      expect(said).toContain('did not agree (exit code 1)');
      expect(await stage.apps()).toEqual(['/shop-blue 1', '/shop-green 4']);
      await stage.ended(stage.zdd('7.0', '--resume', '--linear-increase', '3'), 0);
      expect(await stage.apps()).toEqual(['/shop-blue 4']);
    },
    HANG_MS,
  );

  it(
    'leads back from a version that never gets healthy',
    async () => {
      const sick = stage.zdd(SICK);
      await sick.line((line) => line.includes('running, 0 healthy'), 'that it waits');
      sick.signal('SIGKILL');
      await sick.exit;
      const said = await stage.ended(stage.zdd(SICK, '--complete-prev'), 0);
      expect(said).toContain('/shop-green is deleted, /shop-blue has 4 instances');
      expect(await stage.versions()).toEqual(['7.0']);
    },
    HANG_MS,
  );

  it(
    'does not wait for ever for a request that never ends',
    async () => {
      const release = stage.hold();
      const said = await stage.ended(stage.zdd('8.0', '--max-wait', '4'), 0);
      expect(said).toContain('4 s are over; going on with what has drained');
      expect(await stage.apps()).toEqual(['/shop-green 4']);
      release();
    },
    HANG_MS,
  );

  it('lets no request fail in all that', async () => {
    await Promise.all(loads.map((load) => load.stop()));
    const outcomes = loads.flatMap((load) => load.outcomes);
    expect(outcomes.filter(({ failure }) => failure !== '')).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(1_000);
    console.info(`teal zdd: ${outcomes.length} requests, 0 failed`);
  });

  it(
    'with a balancer that does not answer ends with 5 and names it, and nothing is changed',
    async () => {
      const [, second] = stage.edge.balancers;
      second?.signal('SIGKILL');
      await second?.exit;
      const said = await stage.ended(stage.zdd('9.0'), 5);
      expect(said).toMatch(/http:\/\/127\.0\.46\.11:\d+: does not answer/);
      expect(await stage.apps()).toEqual(['/shop-green 4']);
    },
    HANG_MS,
  );
});

function isCutOver(line: string): boolean {
  return line.includes('"msg":"cut-over"');
}
