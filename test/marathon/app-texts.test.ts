import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MarathonApp } from '../../src/marathon/app.ts';
import { appSpans } from '../../src/marathon/app-texts.ts';
import { type ReadApps, readApps } from '../../src/marathon/read-apps.ts';
import { Reader } from '../../src/marathon/reading.ts';

/** Each app parsed by itself; null = it is written in another way, or one is no JSON. */
function parsed(body: Buffer): unknown[] | null {
  const spans = appSpans(body);
  try {
    return spans?.map(([start, end]) => JSON.parse(body.toString('utf8', start, end))) ?? null;
  } catch {
    return null;
  }
}

const anyApps = fc.array(
  fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 }),
  { maxLength: 4 },
);
const anyText = fc
  .tuple(anyApps, fc.constantFrom('', ' ', '\t', '\r\n '))
  .map(([apps, indent]) => JSON.stringify({ apps }, null, indent));

describe('the texts of the apps of an answer', () => {
  it('are what JSON makes of the whole', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(parsed(Buffer.from(text))).toEqual(JSON.parse(text).apps);
      }),
      { numRuns: 500, seed: 21 },
    );
  });

  it('are never apps where the whole is not JSON, or says something else', () => {
    const anyByte = fc.constantFrom(...Buffer.from('{}[]",:\\ x0\n'));
    const anyChange = fc.tuple(fc.nat({ max: 60 }), fc.nat({ max: 3 }), fc.array(anyByte));
    fc.assert(
      fc.property(anyText, anyChange, (text, [place, removed, added]) => {
        const bytes = [...Buffer.from(text)];
        bytes.splice(place, removed, ...added.slice(0, 3));
        const body = Buffer.from(bytes);
        const apps = parsed(body);
        if (apps !== null) expect(JSON.parse(body.toString('utf8')).apps).toEqual(apps);
      }),
      { numRuns: 3_000, seed: 22 },
    );
  });

  it.each([
    ['{"other":1,"apps":[]}'],
    ['{"apps":[],"other":1}'],
    ['{"apps":[1]}'],
    ['{"apps":{}}'],
    ['{"apps":[{}'],
    ['{"apps":[{"a":"]}'],
    ['{"apps":[{},]}'],
    ['{"apps":[]} {'],
    ['[]'],
    [''],
  ])('%s is left to others', (text) => {
    expect(parsed(Buffer.from(text))).toBeNull();
  });
});

describe('answers read app by app', () => {
  const anyApp = fc.record({
    id: fc.constantFrom('/a', '/b', '/c'),
    instances: fc.constantFrom(1, 2, 'x'),
    cmd: fc.constantFrom('read', 'by', 'nobody'),
    tasks: fc.constantFrom([], [{ id: 't', host: 'h' }], [{ id: 't' }]),
  });
  const anyAnswer = fc.tuple(
    fc.array(anyApp, { maxLength: 5 }),
    fc.constantFrom('usual', 'usual', 'usual', 'other', 'broken'),
  );

  it('say what they would say as a whole, whatever was read before', () => {
    fc.assert(
      fc.property(fc.array(anyAnswer, { maxLength: 8 }), (answers) => {
        const reader = new Reader();
        let known = new Map<string, MarathonApp>();
        for (const [apps, how] of answers) {
          const answer = how === 'other' ? { version: 1, apps } : { apps };
          const text = JSON.stringify(answer) + (how === 'broken' ? '}' : '');
          const changed: MarathonApp[] = [];
          const read = (): ReadApps => {
            const { ids, problems } = reader.read(Buffer.from(text), (app) => changed.push(app));
            const fresh = new Map(changed.map((app) => [app.id, app]));
            known = new Map(ids.map((id) => [id, fresh.get(id) ?? known.get(id)] as never));
            return { apps: [...known.values()], problems };
          };
          if (how === 'broken') expect(read).toThrow(/expected JSON/);
          else expect(read()).toEqual(readApps(answer));
        }
      }),
      { numRuns: 1_000, seed: 23 },
    );
  });
});
