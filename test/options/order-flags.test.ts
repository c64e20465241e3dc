import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSecret } from '../../src/options/order-flags.ts';
import { readServeOptions, type ServeOptions } from '../../src/options/serve-options.ts';
import { UsageError } from '../../src/options/usage-error.ts';

function read(...args: string[]): ServeOptions {
  const options = readServeOptions('sse', ['--group', 'x', ...args], {});
  if (typeof options === 'string') throw new Error(options);
  return options;
}

describe('flags about colours', () => {
  it('have sensible defaults: no bake time, five minutes to drain, no secrets', () => {
    const { bake, colourDrainMs, adminTokenFile, previewSecretFile } = read();
    expect({ bake, colourDrainMs, adminTokenFile, previewSecretFile }).toEqual({
      bake: { bakeMs: 0, maxErrorPercent: 5, maxSlowdownPercent: 200, minRequests: 50 },
      colourDrainMs: 300_000,
      adminTokenFile: '',
      previewSecretFile: '',
    });
  });

  it('are read in their units', () => {
    const flags = '--bake-seconds 90 --bake-max-error-percent 1 --bake-max-slowdown-percent 0';
    const { bake, colourDrainMs } = read(
      ...flags.split(' '),
      ...['--bake-min-requests', '10', '--colour-drain-seconds', '7'],
    );
    expect(bake).toEqual({
      bakeMs: 90_000,
      maxErrorPercent: 1,
      maxSlowdownPercent: 0,
      minRequests: 10,
    });
    expect(colourDrainMs).toBe(7_000);
  });

  it.each([
    ['--bake-seconds', 'soon'],
    ['--bake-max-error-percent', '101'],
    ['--bake-min-requests', '0'],
    ['--colour-drain-seconds', '0'],
  ])('%s %s is refused', (flag, value) => {
    expect(() => read(flag, value)).toThrow(UsageError);
  });
});

describe('a secret', () => {
  const names = { flag: '--secret-file', variable: 'SECRET' };
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'teal-secret-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function file(text: string): string {
    const path = join(folder, 'secret');
    writeFileSync(path, text);
    return path;
  }

  it('is the one of the file, without the line end, before that of the environment', () => {
    expect(readSecret(file('from-the-file\n'), 'from-outside', names)).toBe('from-the-file');
    expect(readSecret('', 'from-outside', names)).toBe('from-outside');
    expect(readSecret('', '', names)).toBe('');
  });

  it.each([
    ['', 'it is empty'],
    ['short', '8 to 512'],
    ['with a blank', '8 to 512'],
    ['with;semicolon', '8 to 512'],
    ['two-lines\nof-text-here', '8 to 512'],
    ['ünprintable', '8 to 512'],
  ])('%j in a file is refused, and not repeated', (text, why) => {
    const reading = () => readSecret(file(text), '', names);
    expect(reading).toThrow(UsageError);
    expect(reading).toThrow(why);
    if (text !== '') expect(reading).not.toThrow(text);
  });

  it('says which file cannot be read, or which variable is wrong', () => {
    expect(() => readSecret(join(folder, 'none'), '', names)).toThrow(/--secret-file .*none/);
    expect(() => readSecret('', 'short', names)).toThrow(/^SECRET: /);
  });
});
