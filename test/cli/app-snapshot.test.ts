import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppSnapshot } from '../../src/cli/app-snapshot.ts';
import { SILENT } from '../../src/log/logger.ts';
import { app } from '../catalogue/apps.ts';

describe('the saved app list', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'teal-apps-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const file = (): string => join(folder, 'apps.json');
  const apps = [app({ id: '/a' }), app({ id: '/b' })];
  const known = { apps, addresses: new Map([['agent.test', '10.0.0.1']]) };

  async function saved(): Promise<void> {
    const snapshot = new AppSnapshot(folder, SILENT);
    snapshot.keep(known, Date.now());
    await snapshot.stop();
  }

  it('is read again as it was, and leaves nothing else behind', async () => {
    await saved();
    expect(new AppSnapshot(folder, SILENT).read()).toEqual(known);
    expect(readdirSync(folder)).toEqual(['apps.json']);
  });

  it.each([0, 1, 99, 100, 101, 250])('is whole with %i apps', async (count) => {
    const many = Array.from({ length: count }, (_, n) => app({ id: `/ä-${n}` }));
    const snapshot = new AppSnapshot(folder, SILENT);
    snapshot.keep({ ...known, apps: many }, 0);
    await snapshot.stop();
    expect(new AppSnapshot(folder, SILENT).read()).toEqual({ ...known, apps: many });
  });

  it('is none before it was saved', () => {
    expect(new AppSnapshot(folder, SILENT).read()).toBeNull();
  });

  it.each<[string, (text: string) => string]>([
    ['cut short', (text) => text.slice(0, -2)],
    ['changed in one letter', (text) => text.replace('/a', '/c')],
    ['of another version', (text) => text.replace('teal-apps-1', 'teal-apps-0')],
    ['empty', () => ''],
    ['something else', () => '{"apps":[]}'],
  ])('is not used when it is %s', async (_, damage) => {
    await saved();
    writeFileSync(file(), damage(readFileSync(file(), 'utf8')));
    expect(new AppSnapshot(folder, SILENT).read()).toBeNull();
  });

  it('is not written for each of many changes, but the last one is never lost', async () => {
    const snapshot = new AppSnapshot(folder, SILENT);
    snapshot.keep({ ...known, apps: apps.slice(0, 1) }, 0);
    await snapshot.stop();
    snapshot.keep(known, 1_000);
    snapshot.tick(29_999);
    expect(new AppSnapshot(folder, SILENT).read()?.apps).toHaveLength(1);
    snapshot.tick(30_000);
    await snapshot.stop();
    expect(new AppSnapshot(folder, SILENT).read()).toEqual(known);
  });

  it('costs nothing but a line in the log where its folder cannot be written', async () => {
    const warnings: string[] = [];
    const log = { ...SILENT, warn: (_: object, text: string) => void warnings.push(text) };
    const snapshot = new AppSnapshot(join(folder, 'missing'), log);
    snapshot.keep(known, 0);
    await snapshot.stop();
    expect(warnings).toEqual(['the app list could not be saved']);
  });
});
