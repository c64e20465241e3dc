import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Logger } from '../../src/log/logger.ts';
import { SILENT } from '../../src/log/logger.ts';
import { candidates, claim } from '../plan/claims.ts';
import { OrderStage } from './order-stage.ts';

const blue = claim('/zdd/blue', { candidates: candidates('blue', 'healthy') });
const green = claim('/zdd/green', {
  candidates: candidates('green', 'healthy'),
  lastConfigChangeAtMs: 2_000,
});

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'teal-state-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Warnings and errors. */
function listening(): { readonly log: Logger; readonly said: string[] } {
  const said: string[] = [];
  const say = (_: object, message: string) => void said.push(message);
  return { log: { ...SILENT, warn: say, error: say }, said };
}

const path = () => join(folder, 'state.json');

async function ordered(): Promise<OrderStage> {
  const stage = new OrderStage(folder);
  await stage.look(blue);
  await stage.look(blue, green);
  await stage.ordered({ order: 'cutover', colour: 'blue', why: 'kept' });
  return stage;
}

describe('the state file', () => {
  it('keeps an order that was answered, whatever becomes of the process then', async () => {
    const before = await ordered();
    const { log, said } = listening();
    const after = new OrderStage(folder, {}, log);
    expect(said).toEqual([]);
    await after.look(blue, green);
    expect(after.service).toMatchObject({
      live: '/zdd/blue',
      rule: 'pin',
      why: 'ordered by ann: kept',
      liveSinceMs: before.service.liveSinceMs,
    });
    expect(after.decisions.history.at(-1)).toEqual(before.decisions.history.at(-1));
    expect(await after.ordered({ order: 'rollback' })).toMatchObject({ live: '/zdd/green' });
  });

  it('keeps what is live by itself, when it is told to stop', async () => {
    const stage = new OrderStage(folder);
    // An older colour that stayed live although a newer one was ready for a moment is nobody's rule.
    await stage.look(blue);
    await stage.look(blue, { ...green, deploying: true });
    await stage.decisions.stop();
    const after = new OrderStage(folder);
    await after.look(blue, { ...green, deploying: true });
    expect(after.service.live).toBe('/zdd/blue');
    expect(after.service.liveSinceMs).toBe(stage.service.liveSinceMs);
  });

  const damages: readonly [string, () => Promise<void>][] = [
    ['was cut short', () => truncate(path(), 200)],
    ['is empty', () => truncate(path(), 0)],
    ['was changed by hand', async () => writeFile(path(), `${await readFile(path(), 'utf8')} `)],
    ['is of another version', () => writeFile(path(), 'teal-state-0 abc\n{}')],
    [
      'is a folder',
      async () => {
        await rm(path());
        await mkdir(path());
      },
    ],
  ];

  it.each(damages)(
    'is not trusted when it %s: a warning, and the rule without it',
    async (_, damage) => {
      await ordered();
      await damage();
      const { log, said } = listening();
      const after = new OrderStage(folder, {}, log);
      expect(said).toEqual([expect.stringContaining('the saved orders are not used')]);
      await after.look(blue, green);
      expect(after.service).toMatchObject({ live: '/zdd/green', rule: 'automatic' });
    },
  );

  it('carries orders out even when it cannot be written, and says so once', async () => {
    const { log, said } = listening();
    const stage = new OrderStage(join(folder, 'missing'), {}, log);
    await stage.look(blue, green);
    expect(await stage.ordered({ order: 'cutover', colour: 'blue' })).toMatchObject({
      live: '/zdd/blue',
    });
    await stage.ordered({ order: 'release' });
    expect(said).toEqual([expect.stringContaining('cannot be saved')]);
  });
});
