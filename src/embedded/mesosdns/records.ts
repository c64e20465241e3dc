// Tasks → every record Mesos-DNS makes of them. Pure; names are lower-cased and end in a dot.

import { isIPv6 } from 'node:net';
import { agentTail, hashOf, mangle, mangleParts } from '../../mesosdns/names.ts';
import type { MesosTask } from '../mesos-task.ts';
import { primaryServer, type Zone } from './zone.ts';

export interface SrvTarget {
  readonly host: string;
  readonly port: number;
}

/** A record as `/v1/enumerate` lists it; `host` is an IP or `name:port`. */
export interface ListedRecord {
  readonly name: string;
  readonly host: string;
  readonly rtype: 'A' | 'AAAA' | 'SRV';
}

/** What one task added. A record an earlier task of the same name brought already is not repeated. */
export interface ListedTask {
  readonly name: string;
  readonly id: string;
  readonly records: readonly ListedRecord[];
}

export interface Records {
  /** Unix time in seconds of the update they come from: the zone's serial. */
  readonly serial: number;
  readonly a: ReadonlyMap<string, readonly string[]>;
  readonly aaaa: ReadonlyMap<string, readonly string[]>;
  readonly srv: ReadonlyMap<string, readonly SrvTarget[]>;
  readonly tasks: readonly ListedTask[];
}

/** Makes all records of the zone, those of master, agents and framework included. */
export function makeRecords(tasks: readonly MesosTask[], zone: Zone, serial: number): Records {
  const table = new Table();
  addInfrastructure(table, tasks, zone);
  const listed = tasks.map((task) => ({
    name: task.name,
    id: task.id,
    records: addTask(table, task, zone),
  }));
  return { serial, a: table.a, aaaa: table.aaaa, srv: table.srv, tasks: listed };
}

function addInfrastructure(table: Table, tasks: readonly MesosTask[], zone: Zone): void {
  const { domain, address, masterPort, frameworkPort } = zone;
  for (const name of ['leader', 'master', 'master0']) table.address(`${name}.${domain}.`, address);
  table.address(primaryServer(zone), address);
  for (const protocol of ['tcp', 'udp']) {
    table.service(`_leader._${protocol}.${domain}.`, `leader.${domain}.`, masterPort);
  }
  const agents = tasks.length === 0 ? [address] : tasks.map((task) => task.agentAddress);
  for (const agent of agents) table.address(`slave.${domain}.`, agent);
  table.service(`_slave._tcp.${domain}.`, `slave.${domain}.`, AGENT_PORT);
  const framework = `${mangleParts(zone.framework)}.${domain}.`;
  table.address(framework, address);
  if (frameworkPort !== null)
    table.service(`_framework._tcp.${framework}`, framework, frameworkPort);
}

const AGENT_PORT = 5051;

function addTask(table: Table, task: MesosTask, zone: Zone): ListedRecord[] {
  const listed: ListedRecord[] = [];
  // The raw name `blue.zdd` is Mesos-DNS' legacy form; equal names are de-duplicated by the table.
  for (const name of new Set([task.name.toLowerCase(), mangle(task.name)])) {
    if (name !== '') listed.push(...addTaskName(table, task, name, zone));
  }
  return listed;
}

function addTaskName(table: Table, task: MesosTask, name: string, zone: Zone): ListedRecord[] {
  const parent = `${mangleParts(zone.framework)}.${zone.domain}.`;
  const agentParent = `${mangleParts(zone.framework)}.slave.${zone.domain}.`;
  const canonical = `${name}-${hashOf(task.id)}-${agentTail(task.slaveId)}`;
  const added = [
    table.address(`${name}.${parent}`, task.address),
    table.address(`${canonical}.${parent}`, task.address),
    table.address(`${name}.${agentParent}`, task.agentAddress),
    table.address(`${canonical}.${agentParent}`, task.agentAddress),
  ];
  for (const port of new Set(task.ports.map(({ number }) => number))) {
    for (const protocol of ['tcp', 'udp']) {
      const target = `${canonical}.${agentParent}`;
      added.push(table.service(`_${name}._${protocol}.${agentParent}`, target, port));
    }
  }
  for (const port of task.ports) {
    const service = `_${name}._${port.protocol}.${parent}`;
    const target = `${canonical}.${parent}`;
    added.push(table.service(service, target, port.number));
    if (port.name !== '') {
      added.push(table.service(`_${port.name.toLowerCase()}.${service}`, target, port.number));
    }
  }
  return added.filter((record) => record !== null);
}

/** Collects records; adding returns null for one that is there already. */
class Table {
  readonly a = new Map<string, string[]>();
  readonly aaaa = new Map<string, string[]>();
  readonly srv = new Map<string, SrvTarget[]>();
  readonly #seen = new Set<string>();

  address(name: string, host: string): ListedRecord | null {
    const rtype = isIPv6(host) ? 'AAAA' : 'A';
    if (!this.#first(name, host)) return null;
    append(rtype === 'A' ? this.a : this.aaaa, name, host);
    return { name, host, rtype };
  }

  service(name: string, target: string, port: number): ListedRecord | null {
    const host = `${target}:${port}`;
    if (!this.#first(name, host)) return null;
    append(this.srv, name, { host: target, port });
    return { name, host, rtype: 'SRV' };
  }

  #first(name: string, host: string): boolean {
    const key = `${name} ${host}`;
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }
}

function append<T>(map: Map<string, T[]>, name: string, value: T): void {
  const values = map.get(name);
  if (values === undefined) map.set(name, [value]);
  else values.push(value);
}
