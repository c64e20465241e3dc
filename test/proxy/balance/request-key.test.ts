import { describe, expect, it } from 'vitest';
import type { BalanceSpec } from '../../../src/plan/plan.ts';
import { addressKey, keyOfRequest } from '../../../src/proxy/balance/request-key.ts';

const head = (target: string, ...lines: string[]) =>
  [`GET ${target} HTTP/1.1`, 'Host: a', ...lines, '', ''].join('\r\n');

const uri = (changes: object = {}): BalanceSpec => ({
  algorithm: 'uri',
  whole: false,
  depth: 0,
  length: 0,
  ...changes,
});

describe('the key of a request', () => {
  it.each([
    ['/a/b/c?x=1', {}, '/a/b/c'],
    ['/a/b/c?x=1', { whole: true }, '/a/b/c?x=1'],
    ['/a/b/c?x=1', { depth: 1 }, '/a'],
    ['/a/b/c?x=1', { depth: 2 }, '/a/b'],
    ['/a/b/c?x=1', { depth: 9 }, '/a/b/c'],
    ['/a/b/c?x=1', { depth: 2, length: 3 }, '/a/'],
    ['/a/b/c?x=1', { length: 4 }, '/a/b'],
    ['/?/a/b', { whole: true, depth: 1 }, '/?'],
    ['*', {}, '*'],
    ['/', {}, '/'],
  ])('uri: %s with %j is %s', (target, changes, key) => {
    expect(keyOfRequest(uri(changes), head(target), '10.0.0.1')).toBe(key);
  });

  it.each([
    ['/a?id=7', '7'],
    ['/a?x=1&id=7&id=8', '7'],
    ['/a?xid=7', ''],
    ['/a?id', ''],
    ['/a?id=', ''],
    ['/a?', ''],
    ['/id=7', ''],
    ['/a?b?id=7', ''],
    ['/a?&&id=%37&', '%37'],
  ])('url_param: id in %s is %j', (target, key) => {
    const balance: BalanceSpec = { algorithm: 'url_param', name: 'id' };
    expect(keyOfRequest(balance, head(target), '10.0.0.1')).toBe(key);
  });

  it.each([
    [['X-User: bob'], 'bob'],
    [['x-uSER:bob  ', 'X-User: eve'], 'bob'],
    [['X-Users: eve', 'X-User:  a b'], 'a b'],
    [['X-User:'], ''],
    [['Y: X-User: eve'], ''],
    [[], ''],
  ])('hdr: X-User of %j is %j', (lines, key) => {
    const balance: BalanceSpec = { algorithm: 'hdr', name: 'x-user' };
    expect(keyOfRequest(balance, head('/', ...lines), '10.0.0.1')).toBe(key);
  });

  it('source: the address of the client, the same over IPv4 and a socket of both families', () => {
    expect(keyOfRequest({ algorithm: 'source' }, head('/'), '::ffff:10.0.0.1')).toBe('10.0.0.1');
    expect(addressKey('2001:db8::1')).toBe('2001:db8::1');
  });

  it('is nothing where nothing is hashed', () => {
    expect(keyOfRequest({ algorithm: 'leastconn' }, head('/'), '10.0.0.1')).toBe('');
  });
});
