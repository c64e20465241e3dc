// What a hash is made of, taken from the head of a request as it goes to the server. Pure.

import type { BalanceSpec } from '../../plan/plan.ts';
import { equalsIgnoringCase } from '../http/fields.ts';

/** `head` starts with the request line; `address` is the client's. Empty = there is no such thing. */
export function keyOfRequest(balance: BalanceSpec, head: string, address: string): string {
  switch (balance.algorithm) {
    case 'source':
      return addressKey(address);
    case 'uri':
      return uriKey(targetOf(head), balance.whole, balance.depth, balance.length);
    case 'url_param':
      return parameterKey(targetOf(head), balance.name);
    case 'hdr':
      return fieldKey(head, balance.name);
    default:
      return '';
  }
}

/** A dual-stack socket shows IPv4 clients as ::ffff:10.0.0.1. */
export function addressKey(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}

function targetOf(head: string): string {
  const from = head.indexOf(' ') + 1;
  return head.slice(from, head.indexOf(' ', from));
}

/** As in HAProxy the first slash is no directory: of `/a/b/c` depth 1 is `/a`. */
function uriKey(target: string, whole: boolean, depth: number, length: number): string {
  const most = length === 0 ? target.length : Math.min(length, target.length);
  let slashes = 0;
  for (let at = 0; at < most; at += 1) {
    const code = target.charCodeAt(at);
    if (code === 0x2f) {
      slashes += 1;
      if (depth !== 0 && slashes > depth) return target.slice(0, at);
    } else if (code === 0x3f && !whole) {
      return target.slice(0, at);
    }
  }
  return target.slice(0, most);
}

function parameterKey(target: string, name: string): string {
  let at = target.indexOf('?') + 1;
  if (at === 0) return '';
  const wanted = `${name}=`;
  while (at < target.length) {
    const next = target.indexOf('&', at);
    const end = next === -1 ? target.length : next;
    if (target.startsWith(wanted, at)) return target.slice(at + wanted.length, end);
    at = end + 1;
  }
  return '';
}

/** Value of the first field of that name. */
function fieldKey(head: string, name: string): string {
  let at = head.indexOf('\r\n') + 2;
  while (at < head.length) {
    const end = head.indexOf('\r\n', at);
    if (end <= at) return '';
    const colon = at + name.length;
    if (head.charCodeAt(colon) === 0x3a && equalsIgnoringCase(head, at, colon, name)) {
      return head.slice(colon + 1, end).trim();
    }
    at = end + 2;
  }
  return '';
}
