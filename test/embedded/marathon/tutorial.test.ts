import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type EmbeddedMarathon,
  startEmbeddedMarathon,
} from '../../../src/embedded/marathon/marathon.ts';
import { SILENT } from '../../../src/log/logger.ts';
import { call, settled } from './support.ts';

let marathon: EmbeddedMarathon;

beforeAll(async () => {
  marathon = await startEmbeddedMarathon({ port: 0, log: SILENT });
});
afterAll(() => marathon.stop());

it("the tutorial's blue.json comes up as it is: four healthy tasks that say 0.9", {
  timeout: 40_000,
}, async () => {
  const file = new URL('../../../src/embedded/tutorial/blue.json', import.meta.url);
  const { port } = marathon;
  const created = await call(port, 'POST', '/v2/apps', readFileSync(file, 'utf8'));
  expect(created.status).toBe(201);
  const app = await settled(port, 'zdd/blue');
  expect(app).toMatchObject({
    id: '/zdd/blue',
    instances: 4,
    tasksRunning: 4,
    tasksHealthy: 4,
    networks: [{ mode: 'host' }],
    portDefinitions: [{ port: 10000, name: 'default', protocol: 'tcp' }],
    healthChecks: [{ protocol: 'HTTP', path: '/health', portIndex: 0, intervalSeconds: 60 }],
  });
  expect(new Set(app.tasks.map((task) => task.ports[0])).size).toBe(4);
  for (const task of app.tasks) {
    const answer = await call(task.ports[0] ?? 0, 'GET', '/endpoint0', undefined, {
      host: 'public:10080',
    });
    expect(answer.text).toBe('{"host": "public:10080", "version": "0.9", "result": "all is well"}');
  }
});
