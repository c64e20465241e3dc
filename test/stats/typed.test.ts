import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { EVERYTHING } from '../../src/stats/filter.ts';
import { JSON_SCHEMA } from '../../src/stats/json-schema.ts';
import { renderJson, renderTyped } from '../../src/stats/typed.ts';
import { sampleView } from './sample-view.ts';

const FIXTURE = readFileSync(new URL('fixtures/stats.typed.txt', import.meta.url), 'utf8');

/** `F.2.0.4.scur.1:MGP:u32:1` → object kind, place and name of the column, tags, type, value. */
function parse(text: string) {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const found = /^([FBS])\.(\d+)\.(\d+)\.(\d+)\.(\w+)\.1:(\w{3}):(u32|u64|s32|str):(.*)$/.exec(
        line,
      );
      expect(found, line).not.toBeNull();
      const [, kind, proxy, id, place, name, tags, type, value] = found as RegExpExecArray;
      return { kind, proxy, id, column: `${place}.${name}`, tags: `${tags}:${type}`, value };
    });
}

describe('the typed statistics', () => {
  it('tag each column of each kind of row as HAProxy does', () => {
    const theirs = new Map(parse(FIXTURE).map((one) => [`${one.kind}.${one.column}`, one.tags]));
    const ours = parse(renderTyped(sampleView(), EVERYTHING));
    expect(ours.length).toBeGreaterThan(200);
    const shared = ours.filter((one) => theirs.has(`${one.kind}.${one.column}`));
    expect(shared.length).toBeGreaterThan(ours.length * 0.9);
    for (const one of shared) {
      expect([one.column, one.tags]).toEqual([one.column, theirs.get(`${one.kind}.${one.column}`)]);
    }
  });

  it('are the same values as JSON, which fits its schema', () => {
    const list = JSON.parse(renderJson(sampleView(), EVERYTHING)) as {
      objType: string;
      field: { pos: number; name: string };
      value: { value: string | number };
    }[][];
    const fits = new Ajv({ strict: false, validateSchema: false }).compile({
      ...JSON.parse(JSON_SCHEMA),
      $schema: undefined,
    });
    expect(fits(list), JSON.stringify(fits.errors)).toBe(true);
    const asLines = list
      .flat()
      .map(({ objType, field, value }) => [
        objType[0],
        `${field.pos}.${field.name}`,
        String(value.value),
      ]);
    const lines = parse(renderTyped(sampleView(), EVERYTHING));
    expect(asLines).toEqual(lines.map((one) => [one.kind, one.column, one.value]));
  });

  it('leave out what the filter leaves out', () => {
    const all = parse(renderTyped(sampleView(), EVERYTHING)).length;
    const some = parse(renderTyped(sampleView(), { ...EVERYTHING, scope: 'blue' }));
    expect(some.length).toBeGreaterThan(0);
    expect(some.length).toBeLessThan(all);
  });
});
