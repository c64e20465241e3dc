// How Mesos-DNS makes DNS labels of task names, task ids and agent ids. Pure.

import { createHash } from 'node:crypto';

/** RFC 1035 §2.3.4: octets of one label. */
export const MAX_LABEL = 63;

const ZBASE32 = 'ybndrfg8ejkmcpqxot1uwisza345h769';
const HASH_LENGTH = 5;

/** One label by RFC 1123: `blue.zdd` becomes `blue-zdd`. Empty if nothing of the name is allowed. */
export function mangle(name: string): string {
  return name
    .toLowerCase()
    .replace(/[._]/g, '-')
    .replace(/[^a-z0-9-]/g, '')
    .replace(/^-+/, '')
    .slice(0, MAX_LABEL)
    .replace(/-+$/, '');
}

/** A framework's name keeps its dots: each part is a label. */
export function mangleParts(name: string): string {
  return name
    .split('.')
    .map(mangle)
    .filter((part) => part !== '')
    .join('.');
}

/** The first five letters of zbase32(sha1(id)): what tells tasks of one name apart. */
export function hashOf(taskId: string): string {
  // 5 letters are 25 bits: the first four octets hold them.
  const bits = createHash('sha1').update(taskId).digest().readUInt32BE(0);
  let text = '';
  for (let i = 0; i < HASH_LENGTH; i += 1) text += ZBASE32[(bits >>> (27 - 5 * i)) & 31];
  return text;
}

/** `7c2e4b1a-…-S0` is `s0`. */
export function agentTail(slaveId: string): string {
  return slaveId.slice(slaveId.lastIndexOf('-') + 1).toLowerCase();
}

/**
 * Where the tasks of a Marathon app are found: `/zdd/blue` at `_blue-zdd._tcp.marathon.mesos`. Marathon
 * names a task by the segments of its app's id, the last first.
 */
export function srvNameOf(appId: string, framework: string, domain: string): string {
  const task = appId
    .split('/')
    .filter((part) => part !== '')
    .reverse()
    .join('.');
  return `_${mangle(task)}._tcp.${mangleParts(framework)}.${domain}`;
}
