import { describe, expect, it } from 'vitest';
import { isLoopbackHost, isLoopbackOrigin } from '../../../src/embedded/marathon/guards.ts';

describe('a Host', () => {
  it.each([
    'localhost',
    'LOCALHOST:8080',
    '127.0.0.1',
    '127.0.0.1:8080',
    '127.1.2.3:1',
    '[::1]',
    '[::1]:80',
  ])('of this machine passes: %s', (host) => expect(isLoopbackHost(host)).toBe(true));
  it.each([
    '',
    'evil.example',
    'localhost.evil.example',
    'evil.example:8080',
    '127.0.0.1.evil.example',
    '127.0.0.1@evil.example',
    'evil.example#127.0.0.1',
    '128.0.0.1',
    '10.0.0.1',
    '0.0.0.0',
    '127.0.0.1:8080:1',
    '127.0.0.1:',
    '::1',
    'localhost\n',
    'xlocalhost',
  ])('of anywhere else does not: %j', (host) => expect(isLoopbackHost(host)).toBe(false));
});

describe('an Origin', () => {
  it.each(['http://localhost:8080', 'https://127.0.0.1', 'http://[::1]:9090'])(
    'of this machine passes: %s',
    (origin) => expect(isLoopbackOrigin(origin)).toBe(true),
  );
  it.each([
    'null',
    '',
    'http://evil.example',
    'file://',
    'http://localhost.evil.example',
    'localhost',
    'ftp://localhost',
  ])('of anywhere else does not: %j', (origin) => expect(isLoopbackOrigin(origin)).toBe(false));
});
