import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, until } from '../marathon/support.ts';

const PROGRAM = fileURLToPath(
  new URL('../../../dist/embedded/simpleservice/main.js', import.meta.url),
);
let service: ChildProcess;
let port: number;

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const found = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => resolve(found));
    });
  });
}

beforeAll(async () => {
  port = await freePort();
  const env = {
    PORT0: `${port}`,
    SIMPLE_SERVICE_VERSION: '1.0',
    HEALTH_MIN: '300',
    HEALTH_MAX: '301',
  };
  service = spawn(process.execPath, [PROGRAM], { env, stdio: 'inherit' });
  await until('it listens', () =>
    call(port, 'GET', '/').then(
      () => true,
      () => false,
    ),
  );
});
afterAll(() => service.kill('SIGKILL'));

it('goes on answering while its health check sleeps', async () => {
  const order: string[] = [];
  const note = (path: string) => call(port, 'GET', path).then(() => order.push(path));
  await Promise.all([note('/health'), ...Array.from({ length: 5 }, () => note('/endpoint0'))]);
  expect(order.at(-1)).toBe('/health');
});

it('does not end at SIGTERM', async () => {
  service.kill('SIGTERM');
  const { status, headers, text } = await call(port, 'GET', '/endpoint0');
  expect([status, headers['server'], text]).toEqual([
    200,
    'TornadoServer/4.3',
    `{"host": "127.0.0.1:${port}", "version": "1.0", "result": "all is well"}`,
  ]);
  expect(service.exitCode).toBeNull();
});
