import { describe, expect, it } from 'vitest';
import { apiReply } from '../../../src/embedded/mesosdns/http-api.ts';
import { makeRecords } from '../../../src/embedded/mesosdns/records.ts';
import { agentTail, hashOf, mangle, mangleParts } from '../../../src/mesosdns/names.ts';
import { CAPTURED_ZONE, earlierTasks, fixture } from './captured.ts';

const SERIAL = 1_795_391_410;

function answerOf(target: string): unknown {
  const records = makeRecords(earlierTasks(), CAPTURED_ZONE, SERIAL);
  const state = { records, zone: CAPTURED_ZONE, dnsPort: 53, httpPort: 8123 };
  return JSON.parse(apiReply({ method: 'GET', target, accept: undefined }, state).body);
}

describe('names', () => {
  it.each([
    ['blue.zdd', 'blue-zdd'],
    ['Blue_Green.Zdd', 'blue-green-zdd'],
    ['-a-b-', 'a-b'],
    ['..a', 'a'],
    ['9lives', '9lives'],
    ['a b/c+d', 'abcd'],
    ['é', ''],
    ['', ''],
    ['x'.repeat(70), 'x'.repeat(63)],
    [`${'x'.repeat(62)}.y`, 'x'.repeat(62)],
  ])('mangles %j to the RFC 1123 label %j', (name, label) => {
    expect(mangle(name)).toBe(label);
  });

  it('keeps the dots of a framework name and mangles its parts', () => {
    expect(mangleParts('My_Marathon.group..X')).toBe('my-marathon.group.x');
  });

  it('tells tasks apart by five letters of zbase32(sha1(id))', () => {
    expect(hashOf('test')).toBe('iffe9');
    expect(hashOf('zdd_blue.instance-9ea391b2-c835-524e-8b3e-ac8a9858bab8._app.1')).toBe('4ytpq');
  });

  it('names an agent by the end of its id', () => {
    expect(agentTail('7c2e4b1a-0000-4000-8000-000000000001-S0')).toBe('s0');
    expect(agentTail('plain')).toBe('plain');
  });
});

describe('records', () => {
  it('are those the real Mesos-DNS made of the same tasks, name by name', () => {
    const captured = JSON.parse(fixture('axfr.json'));
    const made = answerOf('/v1/axfr') as typeof captured;
    for (const kind of ['As', 'AAAAs', 'SRVs']) {
      expect(withoutNodi(made.Records[kind])).toEqual(withoutNodi(captured.Records[kind]));
    }
    expect({ ...made, Records: null }).toEqual({ ...captured, RefreshSeconds: 60, Records: null });
  });

  it('are enumerated per task in the same order and with the same omissions', () => {
    const captured = JSON.parse(fixture('enumerate.json')) as Enumeration;
    const tasks = captured.frameworks[0]?.tasks.filter((task) => task.name !== 'nodi');
    expect(tasks).toHaveLength(37);
    expect(answerOf('/v1/enumerate')).toEqual({ frameworks: [{ tasks, name: 'marathon' }] });
  });

  it('of IPv6 addresses are AAAA, of the same name beside A', () => {
    const task = { name: 'six', slaveId: 'x-S1', agentAddress: '127.0.0.1', ports: [] };
    const records = makeRecords(
      [
        { ...task, id: 'six.1', address: '::1' },
        { ...task, id: 'six.2', address: '127.0.0.3' },
      ],
      CAPTURED_ZONE,
      1,
    );
    expect(records.aaaa.get('six.marathon.mesos.')).toEqual(['::1']);
    expect(records.a.get('six.marathon.mesos.')).toEqual(['127.0.0.3']);
  });

  it('of a zone without tasks still lead to master, agent and framework', () => {
    const records = makeRecords([], { ...CAPTURED_ZONE, frameworkPort: null }, 1);
    expect([...records.a.keys()].sort()).toEqual([
      'leader.mesos.',
      'marathon.mesos.',
      'master.mesos.',
      'master0.mesos.',
      'ns1.mesos.',
      'slave.mesos.',
    ]);
    expect(records.srv.has('_framework._tcp.marathon.mesos.')).toBe(false);
    expect(records.tasks).toEqual([]);
  });
});

interface Enumeration {
  frameworks: { name: string; tasks: { name: string }[] }[];
}

function withoutNodi(records: Record<string, string[]>): Record<string, string[]> {
  const kept = Object.entries(records).filter(([name]) => !/\bnodi\b|_nodi/.test(name));
  expect(kept.length === 0 || kept.length > 40).toBe(true);
  return Object.fromEntries(kept.map(([name, values]) => [name, [...values].sort()]));
}
