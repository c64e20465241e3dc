// `teal deploy` killed in the middle, and run again.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Edge, shop, startEdge } from './edge.ts';
import { Load } from './load.ts';
import { TealProcess } from './teal-process.ts';

const ADDRESS = '127.0.46.3';

/** Far beyond what it takes: a whole test is a hang then. */
const HANG_MS = 60_000;

describe('teal deploy, killed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'teal-resume-'));
  const running: TealProcess[] = [];
  let edge: Edge;
  let load: Load | undefined;

  beforeAll(async () => {
    edge = await startEdge([ADDRESS]);
    await edge.marathon.send(
      'POST',
      '/v2/apps',
      JSON.stringify(shop('/zdd/blue', edge.port, '1.0')),
    );
    await edge.balancers[0]?.line((line) => line.includes('"msg":"cut-over"'), 'blue live');
  });

  afterAll(async () => {
    for (const teal of running) teal.signal('SIGKILL');
    await load?.stop();
    await edge?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, HANG_MS);

  it(
    'while green starts, leaves the requests to blue; run again it goes on, and none fails',
    async () => {
      load = new Load(ADDRESS, edge.port, [
        { name: 'all', path: '/endpoint0', clients: 2, keepAlive: true, pauseMs: 10 },
      ]);
      const first = deploy();
      await first.line((line) => line.startsWith('/zdd/green: created'), 'the new colour');
      first.signal('SIGKILL');
      await first.exit;
      expect(await version()).toBe('1.0');
      const second = deploy();
      expect(await second.exit, second.lines.join('\n')).toBe(0);
      expect(await version()).toBe('2.0');
      expect((await edge.marathon.app('/zdd/blue')).instances).toBe(0);
      await load.stop();
      expect(load.failures).toEqual([]);
      expect(load.outcomes.length).toBeGreaterThan(100);
    },
    HANG_MS,
  );

  function deploy(): TealProcess {
    const file = join(folder, 'green.json');
    writeFileSync(file, JSON.stringify(shop('/zdd/green', edge.port, '2.0')));
    const teal = new TealProcess(['deploy', file, '--bake-seconds', '0', ...edge.flags]);
    running.push(teal);
    return teal;
  }

  async function version(): Promise<string> {
    const answer = await request(`http://${ADDRESS}:${edge.port}/endpoint0`);
    return ((await answer.body.json()) as { version: string }).version;
  }
});
