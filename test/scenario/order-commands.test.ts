// `teal freeze`, `unfreeze` and `server` as processes, with two balancers and a Marathon.

import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServiceFacts } from '../../src/admin/api/service-facts.ts';
import { type Edge, shop, startEdge } from './edge.ts';
import { TealProcess } from './teal-process.ts';

/** Far beyond what it takes: a whole test is a hang then. */
const HANG_MS = 60_000;

describe('commands to two balancers', () => {
  const running: TealProcess[] = [];
  let edge: Edge;

  beforeAll(async () => {
    edge = await startEdge(['127.0.46.4', '127.0.46.5']);
    await deploy('/zdd/blue', '1.0');
    await everywhere(({ live }) => live === '/zdd/blue');
  }, HANG_MS);

  afterAll(async () => {
    for (const teal of running) teal.signal('SIGKILL');
    await edge?.stop();
  }, HANG_MS);

  it(
    'take a server out of its pool on both of them, and put it back',
    async () => {
      const [service] = await services();
      const name = service?.colours[0]?.servers[0]?.name ?? '';
      expect(await teal('server', String(edge.port), name, 'maint')).toBe(0);
      for (const { colours } of await services()) {
        const maint = colours[0]?.servers.filter(({ status }) => status === 'MAINT');
        expect(maint?.map((server) => server.name)).toEqual([name]);
      }
      expect(await teal('server', String(edge.port), name, 'ready')).toBe(0);
      for (const { colours } of await services()) {
        expect(colours[0]?.servers.every(({ status }) => status === 'UP')).toBe(true);
      }
    },
    HANG_MS,
  );

  it(
    'hold a newer colour back while changes are frozen, and let it have the requests after that',
    async () => {
      expect(await teal('freeze', '--seconds', '600', '--why', 'the fair')).toBe(0);
      await deploy('/zdd/green', '2.0');
      await everywhere(({ colours }) =>
        colours.some(({ appId, ready }) => isGreen(appId) && ready),
      );
      expect((await services()).map(({ live }) => live)).toEqual(['/zdd/blue', '/zdd/blue']);
      const status = start('status');
      expect(await status.exit).toBe(0);
      expect(
        status.lines.filter((line) => /^ {2}frozen by .*\(the fair\)/.test(line)),
      ).toHaveLength(2);
      const refused = start('cutover', String(edge.port), 'green');
      expect(await refused.exit).toBe(1);
      expect(refused.lines.join('\n')).toContain('(the fair)');
      expect(await teal('unfreeze')).toBe(0);
      // What the end of the freeze decides is in force when it is answered.
      expect((await services()).map(({ live }) => live)).toEqual(['/zdd/green', '/zdd/green']);
    },
    HANG_MS,
  );

  function start(...args: readonly string[]): TealProcess {
    const process = new TealProcess([...args, ...edge.lbs]);
    running.push(process);
    return process;
  }

  async function teal(...args: readonly string[]): Promise<number | null> {
    const process = start(...args);
    const code = await process.exit;
    if (code !== 0) throw new Error(process.lines.join('\n'));
    return code;
  }

  async function deploy(id: string, version: string): Promise<void> {
    await edge.marathon.send('POST', '/v2/apps', JSON.stringify(shop(id, edge.port, version)));
  }

  /** The service as each balancer has it; empty where it is not known yet. */
  async function services(): Promise<readonly ServiceFacts[]> {
    const all = await Promise.all(
      edge.lbs
        .filter((word) => word.startsWith('http'))
        .map(async (lb) => {
          const answer = await request(`${lb}/_teal/services`);
          const { services } = (await answer.body.json()) as { services: ServiceFacts[] };
          return services.filter(({ servicePort }) => servicePort === edge.port);
        }),
    );
    return all.flat();
  }

  async function everywhere(accepts: (service: ServiceFacts) => boolean): Promise<void> {
    const deadlineMs = Date.now() + HANG_MS / 2;
    for (;;) {
      const found = await services();
      if (found.length === edge.balancers.length && found.every(accepts)) return;
      if (Date.now() > deadlineMs) throw new Error(JSON.stringify(found));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
});

function isGreen(appId: string): boolean {
  return appId === '/zdd/green';
}
