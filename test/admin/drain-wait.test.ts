import { once } from 'node:events';
import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type Admin, startAdmin } from '../../src/admin/server.ts';
import { SILENT } from '../../src/log/logger.ts';
import type { DrainReport } from '../../src/stats/report.ts';
import type { View } from '../../src/stats/view.ts';
import { sampleFacts } from '../stats/sample-facts.ts';
import { sampleView } from '../stats/sample-view.ts';

let admin: Admin | null = null;
/** What drains on blue, which is not live. */
let left: DrainReport | null = null;
let looks = 0;
/** Called at each look. */
let looked: () => void = () => {};

afterEach(async () => {
  await admin?.close();
  left = null;
  looks = 0;
  looked = () => {};
});

function view(): View {
  const sample = sampleView();
  const pools = sample.traffic.pools.map((pool) =>
    pool.appId === '/zdd/blue' ? { ...pool, draining: left } : pool,
  );
  return { ...sample, traffic: { ...sample.traffic, pools } };
}

async function start(): Promise<void> {
  admin = await startAdmin({
    address: '127.0.0.1',
    port: 0,
    view: async () => {
      looks += 1;
      looked();
      return view();
    },
    config: sampleFacts,
    signals: null,
    log: SILENT,
  });
}

const draining = (inFlight: number, cut = 0): DrainReport => ({
  sinceMs: 1,
  deadlineMs: 9,
  inFlight,
  tunnels: 1,
  cut,
});

async function ask(path: string) {
  const sent = request({ host: '127.0.0.1', port: admin?.port ?? 0, path, agent: false });
  sent.end();
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode, body: JSON.parse(text) };
}

describe('waiting for a drain', () => {
  it('ends when the last exchange has, and tells what was cut', async () => {
    await start();
    left = draining(3);
    looked = () => {
      if (looks === 3) left = draining(0, 2);
    };
    const { status, body } = await ask('/_teal/services/10080/drained?timeout=60');
    expect(status).toBe(200);
    expect(body).toEqual({
      drained: true,
      inFlight: 0,
      cut: [{ colour: '/zdd/blue', inFlight: 0, tunnels: 1, cut: 2, deadlineMs: 9 }],
    });
    expect(looks).toBeGreaterThanOrEqual(3);
  });

  it('ends when its time is up, and tells what is left', async () => {
    await start();
    left = draining(3);
    const { status, body } = await ask('/_teal/services/*%3A10080/drained?timeout=0');
    expect(status).toBe(200);
    expect(body).toMatchObject({ drained: false, inFlight: 3 });
  });

  it('may be for one colour', async () => {
    await start();
    left = draining(0);
    expect((await ask('/_teal/services/10080/drained?colour=blue&timeout=0')).body).toMatchObject({
      drained: true,
    });
    expect((await ask('/_teal/services/10080/drained?colour=green&timeout=0')).body).toMatchObject({
      drained: false,
    });
  });

  it.each([
    ['/_teal/services/nothing/drained', 404, 'no service'],
    ['/_teal/services/10080/drained?timeout=soon', 400, 'whole seconds'],
    ['/_teal/services/10080/drained?timeout=601', 400, '600'],
    ['/_teal/services/%ff/drained', 400, 'percent-encoding'],
  ])('%s is refused in one line', async (path, status, text) => {
    await start();
    const answer = await ask(path);
    expect(answer.status).toBe(status);
    expect(answer.body.error).toContain(text);
  });

  it('does not mind a client that goes, and holds nothing up at the end', async () => {
    await start();
    left = draining(3);
    const path = '/_teal/services/10080/drained?timeout=600';
    const first = new Promise<void>((resolve) => {
      looked = resolve;
    });
    const sent = request({ host: '127.0.0.1', port: admin?.port ?? 0, path, agent: false });
    sent.on('error', () => {});
    sent.end();
    await first;
    const waits = ask(path);
    sent.destroy();
    await new Promise<void>((resolve) => {
      looked = resolve;
    });
    await admin?.close();
    expect((await waits).body).toMatchObject({ drained: false, inFlight: 3 });
  });
});
