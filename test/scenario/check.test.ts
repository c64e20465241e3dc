import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** Far more labels than a pipe holds at once. */
const APPS = 3_000;

describe('teal check as a process', () => {
  it('reads standard input, writes all of its findings, and ends with 1 where a label is wrong', () => {
    const apps = Array.from({ length: APPS }, (_, place) => ({
      id: `/app${place}`,
      labels: { HAPROXY_GROUP: 'external', HAPROXY_0_VHOST: 'http://a.test' },
    }));
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'check', '-'], {
      input: JSON.stringify({ apps }),
      encoding: 'utf8',
      maxBuffer: 64 * 1_048_576,
      timeout: 60_000,
    });
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(stdout.match(/try HAPROXY_0_VHOST=a\.test/g)).toHaveLength(APPS);
    const sum = `${APPS} apps, ${2 * APPS} labels: ${APPS} honoured, 0 translated, 0 ignored, ${APPS} wrong`;
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(sum);
  });
});
