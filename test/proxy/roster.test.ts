import { describe, expect, it } from 'vitest';
import { Roster } from '../../src/proxy/roster.ts';

const member = (name: string) => ({ name, rosterPlace: -1 });

describe('a roster', () => {
  it('knows who is here, however they come and go', () => {
    const roster = new Roster<ReturnType<typeof member>>();
    const all = Array.from({ length: 5 }, (_, place) => member(String(place)));
    for (const one of all) roster.add(one);
    const [first, second, , fourth, last] = all as [never, never, never, never, never];
    for (const one of [first, last, last, fourth]) roster.remove(one);
    roster.add(first);
    const here: string[] = [];
    roster.visit((one) => here.push(one.name));
    expect(here.sort()).toEqual(['0', '1', '2']);
    expect(roster.size).toBe(3);
    roster.remove(second);
    expect(roster.size).toBe(2);
  });

  it('visits everybody once while each leaves when visited', () => {
    const roster = new Roster<ReturnType<typeof member>>();
    for (let place = 0; place < 10; place += 1) roster.add(member(String(place)));
    const visited: string[] = [];
    roster.visit((one) => {
      visited.push(one.name);
      roster.remove(one);
      roster.add(member('new'));
    });
    expect(visited).toHaveLength(10);
    expect(new Set(visited).size).toBe(10);
    expect(roster.size).toBe(10);
  });
});
