import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { HostPorts } from '../../../src/embedded/marathon/host-ports.ts';
import { normalizeApp } from '../../../src/embedded/marathon/normalize.ts';

const VERSION = '2026-01-01T00:00:00.000Z';
const versionInfo = { lastScalingAt: VERSION, lastConfigChangeAt: VERSION };

function wanting(ports: readonly number[], requirePorts = false) {
  const app = normalizeApp({ id: '/a', cmd: 'x', ports, requirePorts });
  return { ...app, version: VERSION, versionInfo };
}

/** Eight ports of which none is in use, below those the kernel gives away by itself. */
async function freeRange(): Promise<readonly [number, number]> {
  for (let first = 32_010; first < 32_700; first += 8) {
    const range: readonly [number, number] = [first, first + 7];
    const all = await new HostPorts(range).reserve(wanting([1, 2, 3, 4, 5, 6, 7, 8]));
    if (all !== null) return range;
  }
  throw new Error('no eight free ports in a row');
}

it('gives consecutive ports, and none when there is no room', async () => {
  const [first, last] = await freeRange();
  const ports = new HostPorts([first, last]);
  const three = (await ports.reserve(wanting([1, 2, 3]))) ?? [];
  expect(three.map((port) => port - (three[0] ?? 0))).toEqual([0, 1, 2]);
  expect(await ports.reserve(wanting([1, 2, 3, 4, 5, 6]))).toBeNull();
});

it('lets a port rest after use', async () => {
  const ports = new HostPorts(await freeRange());
  let before: readonly number[] = [];
  for (let round = 0; round < 100; round += 1) {
    const now = (await ports.reserve(wanting([0]))) ?? [];
    expect(now).toHaveLength(1);
    expect(now).not.toEqual(before);
    ports.release(now);
    before = now;
  }
});

it('never gives a port that is in use on this machine', async () => {
  const [first, last] = await freeRange();
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(first, '127.0.0.1', resolve));
  const ports = new HostPorts([first, last]);
  const given = [];
  for (let one = await ports.reserve(wanting([0])); one; one = await ports.reserve(wanting([0]))) {
    given.push(...one);
  }
  other.close();
  expect(given).not.toContain(first);
  expect(new Set(given).size).toBe(given.length);
});

it('gives exactly the ports that are required, to one task at a time', async () => {
  const [first, last] = await freeRange();
  const ports = new HostPorts([first, last]);
  const app = wanting([first + 1, first + 5], true);
  expect(await ports.reserve(app)).toEqual([first + 1, first + 5]);
  expect(await ports.reserve(app)).toBeNull();
  ports.release([first + 1, first + 5]);
  expect(await ports.reserve(app)).toEqual([first + 1, first + 5]);
});
