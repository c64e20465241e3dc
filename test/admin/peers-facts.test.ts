import { describe, expect, it } from 'vitest';
import {
  instanceFacts,
  instanceUri,
  readInstanceFacts,
  sayInstance,
} from '../../src/admin/peers/instance-facts.ts';
import type { InstanceFacts } from '../../src/stats/peers.ts';
import { facts } from '../stats/sample-peers.ts';
import { sampleView } from '../stats/sample-view.ts';

const OWN = { id: 'an-id-of-tests', groups: ['external'], bindAddress: '*', notReady: '' };

describe('what an instance says of itself', () => {
  it('is read by a peer as it was meant, and holds no server, label or secret', () => {
    const said = instanceFacts(sampleView(), OWN);
    const text = JSON.stringify(said);
    expect(readInstanceFacts(text, null)).toEqual(said);
    expect(said.services.map(({ key, live }) => `${key} ${live}`)).toEqual([
      '*:10080 /zdd/green',
      '*:10090 /search/indexer',
    ]);
    expect(text).not.toMatch(/10\.0\.6\.|hash|token/);
  });

  it('is said without its services to whoever knows them, and only of the same process and epoch', () => {
    const now = facts('edge-2');
    const queryOf = (known: InstanceFacts | null) => instanceUri(known).split('?')[1] ?? '';
    const short = sayInstance({ ...now, problems: 3 }, queryOf(now));
    expect(JSON.parse(short)).toMatchObject({ problems: 3, services: null });
    expect(readInstanceFacts(short, now)).toEqual({ ...now, problems: 3 });
    for (const other of [null, facts('edge-2', { epoch: 11 }), facts('edge-3')]) {
      expect(sayInstance(now, queryOf(other))).toBe(`${JSON.stringify(now)}\n`);
      expect(readInstanceFacts(short, other)).toBeNull();
    }
  });

  it('names services without the address that only this instance is bound to', () => {
    const sample = sampleView();
    const keysAt = (address: string, bindAddress: string) => {
      const services = sample.plan.services.map((service) => ({
        ...service,
        key: `${address}:${service.servicePort}`,
        address,
      }));
      const view = sampleView({ plan: { ...sample.plan, services } });
      return instanceFacts(view, { ...OWN, bindAddress }).services.map(({ key }) => key);
    };
    expect(keysAt('10.0.6.2', '10.0.6.2')).toEqual(['*:10080', '*:10090']);
    expect(keysAt('127.0.0.1', '*')).toEqual(['127.0.0.1:10080', '127.0.0.1:10090']);
  });

  it('may say more in a later version, which is passed over', () => {
    const text = JSON.stringify({ ...facts('later-one'), mood: 'good' });
    expect(readInstanceFacts(text, null)).toEqual(facts('later-one'));
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '<html>'],
    ['null', 'null'],
    ['a list', '[]'],
    ['a number', '7'],
    ['less than is needed', '{"id":"an-id-of-tests"}'],
    ...(
      [
        ['id', ''],
        ['id', 'x'.repeat(65)],
        ['id', 7],
        ['node', 'a\nb'],
        ['node', '\u001b[2J'],
        ['version', 'x'.repeat(65)],
        ['epoch', -1],
        ['epoch', 1.5],
        ['epoch', '12'],
        ['nowMs', 1e300],
        ['workers', null],
        ['streaming', 1],
        ['groups', 'external'],
        ['services', {}],
        ['services', [null]],
        ['services', [{ key: '*:1', live: 7, shares: [] }]],
        ['services', [{ key: '*:1', live: null }]],
        ['services', [{ key: '*:1', live: null, shares: [{ appId: '/a', percent: 101 }] }]],
      ] as const
    ).map(([field, value]): [string, string] => [
      `${field} ${JSON.stringify(value).slice(0, 60)}`,
      JSON.stringify({ ...facts('an-id-of-tests'), [field]: value }),
    ]),
  ])('is not believed with %s', (_, text) => {
    expect(readInstanceFacts(text, null)).toBeNull();
  });
});
