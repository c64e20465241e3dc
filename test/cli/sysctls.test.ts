import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setSysctls } from '../../src/cli/sysctls.ts';
import type { Logger } from '../../src/log/logger.ts';

let root: string;
let lines: string[];

const log: Logger = {
  debug() {},
  info: (fields) => lines.push(`info ${JSON.stringify(fields)}`),
  warn: (_fields, message) => lines.push(`warn ${message}`),
  error() {},
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'teal-sysctl-'));
  lines = [];
  mkdirSync(join(root, 'net/ipv4'), { recursive: true });
  writeFileSync(join(root, 'net/ipv4/tcp_tw_reuse'), '0\n');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('kernel parameters', () => {
  it('are written where that is allowed, and told', () => {
    setSysctls(['net.ipv4.tcp_tw_reuse=1'], log, root);
    expect(readFileSync(join(root, 'net/ipv4/tcp_tw_reuse'), 'utf8')).toBe('1');
    expect(lines).toEqual(['info {"set":["net.ipv4.tcp_tw_reuse=1"]}']);
  });

  it('that cannot be set are one warning, and the others are set', () => {
    setSysctls(['net.core.somaxconn=1', 'nonsense', 'net/ipv4/tcp_tw_reuse=1'], log, root);
    expect(readFileSync(join(root, 'net/ipv4/tcp_tw_reuse'), 'utf8')).toBe('1');
    expect(lines[1]).toBe(
      "warn HAPROXY_SYSCTL_PARAMS: not set, the machine's own hold: net.core.somaxconn: no such parameter; 'nonsense': expected name=value",
    );
  });

  it.each([
    'net/../../evil=1',
    '../evil=1',
    'net..evil=1',
    '/evil=1',
    '=1',
    'net.ipv4.tcp_tw_reuse=',
  ])('lead to no file but those of the kernel: %s', (parameter) => {
    writeFileSync(join(root, 'evil'), '0');
    setSysctls([parameter], log, join(root, 'net'));
    expect(readFileSync(join(root, 'evil'), 'utf8')).toBe('0');
    expect(lines[0]).toContain('expected name=value');
  });

  it('are not spoken of when there are none', () => {
    setSysctls([], log, root);
    expect(lines).toEqual([]);
  });
});
