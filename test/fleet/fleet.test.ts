import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { Fleet } from '../../src/fleet/fleet.ts';
import { SILENT } from '../../src/log/logger.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { EMPTY_PLAN, type Plan } from '../../src/plan/plan.ts';
import { DEFAULT_PROXY_SETTINGS } from '../../src/proxy/settings.ts';
import { claim } from '../plan/claims.ts';
import { freePorts } from '../scenario/free-ports.ts';

const PROGRAM = fileURLToPath(new URL('./scripted-worker.mjs', import.meta.url));
const NO_SHARED = {
  bindAddress: '127.0.0.1',
  httpPort: 0,
  httpsPort: 0,
  appidPort: 0,
  statsPort: 0,
  groupHttpsByVhost: false,
  acceptProxy: false,
};

let fleet: Fleet | null = null;

async function start(workers: number): Promise<Fleet> {
  fleet = new Fleet(
    {
      workers,
      program: PROGRAM,
      settings: DEFAULT_PROXY_SETTINGS,
      logLevel: 'silent',
      answerTimeoutMs: 1_000,
    },
    SILENT,
  );
  await fleet.start();
  return fleet;
}

afterEach(async () => {
  await fleet?.stop();
  fleet = null;
});

/** A plan with one service on each port; `why` tells the scripted worker what to do. */
function planOf(ports: readonly number[], why = 'it serves'): Plan {
  const claims = ports.map((port) => claim(`/app-${port}`, { servicePort: port }));
  const { plan } = makePlan(claims, NO_SHARED, EMPTY_PLAN, 0);
  return { ...plan, services: plan.services.map((service) => ({ ...service, why })) };
}

/** Pid and epoch of the worker that answered. */
function ask(port: number): Promise<{ pid: number; epoch: number }> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = net.connect(port, '127.0.0.1');
    socket.setTimeout(5_000, () => socket.destroy(new Error('no answer')));
    socket.on('data', (piece) => {
      text += piece.toString();
    });
    socket.on('error', reject);
    socket.on('end', () => {
      const [pid, epoch] = text.split(' ').map(Number);
      resolve({ pid: pid as number, epoch: epoch as number });
    });
  });
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadlineMs = Date.now() + 8_000;
  while (!holds()) {
    if (Date.now() > deadlineMs) throw new Error(`it did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('a publication', () => {
  it('is acknowledged when every worker serves by it, and its listeners accept', async () => {
    const { 0: port = 0 } = await freePorts(1);
    const running = await start(2);
    const answer = await running.publish(planOf([port]));
    expect(answer).toMatchObject({ epoch: 1, workers: 2, refused: null });
    expect(running.workers.map((worker) => worker.epoch)).toEqual([1, 1]);
    expect(await ask(port)).toMatchObject({ epoch: 1 });
  });

  it('is acknowledged with the time of each worker, of which the whole is the longest', async () => {
    const { 0: port = 0 } = await freePorts(1);
    const running = await start(2);
    const { tookMs, byWorker } = await running.publish(planOf([port]));
    expect(byWorker.map(({ pid }) => pid)).toEqual(running.workers.map(({ pid }) => pid));
    for (const one of byWorker) {
      expect(one.tookMs).toBeGreaterThan(0);
      expect(one.tookMs).toBeLessThanOrEqual(tookMs);
    }
  });

  it('of an equal plan changes nothing', async () => {
    const { 0: port = 0 } = await freePorts(1);
    const running = await start(1);
    await running.publish(planOf([port]));
    expect(await running.publish(planOf([port]))).toMatchObject({ epoch: 1, workers: 0 });
  });

  it('closes the listeners that left the plan and no other', async () => {
    const { 0: kept = 0, 1: gone = 0 } = await freePorts(2);
    const running = await start(2);
    await running.publish(planOf([kept, gone]));
    await running.publish(planOf([kept]));
    await expect(ask(gone)).rejects.toThrow(/ECONNREFUSED/);
    expect(await ask(kept)).toMatchObject({ epoch: 2 });
  });

  it('names a port that is taken, serves the rest, and takes the port once it is free', async () => {
    const { 0: port = 0, 1: taken = 0 } = await freePorts(2);
    const squatter = net.createServer().listen(taken, '127.0.0.1');
    await new Promise((resolve) => squatter.once('listening', resolve));
    const running = await start(2);
    await running.publish(planOf([port, taken]));
    expect([...running.listenerErrors]).toEqual([
      [`127.0.0.1:${taken}`, 'address already in use (EADDRINUSE)'],
    ]);
    expect(await ask(port)).toMatchObject({ epoch: 1 });
    await new Promise((resolve) => squatter.close(resolve));
    await running.publish(planOf([port, taken]));
    expect(running.listenerErrors.size).toBe(0);
    await ask(taken);
  });
});

describe('a rehearsal', () => {
  it('has every worker prepare, and changes nothing', async () => {
    const { 0: port = 0, 1: other = 0 } = await freePorts(2);
    const running = await start(2);
    await running.publish(planOf([port]));
    const { plan } = running;
    const answer = await running.rehearse(planOf([port, other]));
    expect(answer).toMatchObject({ epoch: 1, workers: 2, refused: null });
    expect(running.plan).toBe(plan);
    await expect(ask(other)).rejects.toThrow(/ECONNREFUSED/);
    expect(await running.publish(planOf([port, other]))).toMatchObject({ epoch: 2, refused: null });
    expect(await ask(other)).toMatchObject({ epoch: 2 });
  });

  it('tells who could not prepare', async () => {
    const { 0: port = 0 } = await freePorts(1);
    const running = await start(2);
    const answer = await running.rehearse(planOf([port], 'refuse'));
    expect(answer.refused).toMatch(/^worker \d+: told so$/);
    expect(await running.publish(planOf([port]))).toMatchObject({ epoch: 1, refused: null });
  });
});

describe('a worker that cannot prepare', () => {
  it('stops the transaction everywhere and is named with its reason', async () => {
    const { 0: port = 0, 1: other = 0 } = await freePorts(2);
    const running = await start(2);
    await running.publish(planOf([port]));
    const answer = await running.publish(planOf([port, other], 'refuse'));
    expect(answer.refused).toMatch(/worker \d+: told so/);
    expect(answer.epoch).toBe(1);
    expect(running.plan.services).toHaveLength(1);
    expect(await ask(port)).toMatchObject({ epoch: 1 });
    await expect(ask(other)).rejects.toThrow(/ECONNREFUSED/);
    expect(await running.publish(planOf([port, other]))).toMatchObject({ epoch: 2, refused: null });
  });

  it('leaves no port open that the next try, with the same listeners, would not open again', async () => {
    const { 0: port = 0 } = await freePorts(1);
    const running = await start(1);
    const refused = planOf([port], 'refuse');
    await running.publish(refused);
    await expect(ask(port)).rejects.toThrow(/ECONNREFUSED/);
    await running.publish({ ...planOf([port]), listeners: refused.listeners });
    expect(await ask(port)).toMatchObject({ epoch: 1 });
  });

  it('is replaced when it hangs, and the next try goes through', async () => {
    const { 0: port = 0 } = await freePorts(1);
    const running = await start(1);
    const before = running.workers[0]?.pid;
    const answer = await running.publish(planOf([port], 'hang'));
    expect(answer.refused).toMatch(/did not answer within 1000 ms/);
    await until('another worker serves', () => {
      const now = running.workers[0]?.pid;
      return now !== undefined && now !== before;
    });
    expect(await running.publish(planOf([port]))).toMatchObject({ workers: 1, refused: null });
  });
});

describe('a worker that dies', () => {
  it('is replaced by one that serves by the epoch in force; waiting connections are not lost', async () => {
    const { 0: port = 0 } = await freePorts(1);
    const running = await start(1);
    await running.publish(planOf([port]));
    const before = await ask(port);
    process.kill(before.pid, 'SIGKILL');
    await until('its death is noticed', () => running.workers.length === 0);
    const after = await ask(port);
    expect(after).toMatchObject({ epoch: 1 });
    expect(after.pid).not.toBe(before.pid);
    await until('it counts', () => running.workers.length === 1);
    expect(running.workers[0]).toMatchObject({ slot: 1, restarts: 1, epoch: 1 });
  });

  it('while a change is prepared stops that change, so that a poisonous plan cannot take all down', async () => {
    const { 0: port = 0, 1: other = 0 } = await freePorts(2);
    const running = await start(2);
    await running.publish(planOf([port]));
    const answer = await running.publish(planOf([port, other], 'die'));
    expect(answer.refused).toMatch(/ended while it prepared/);
    await until('both places are filled', () => running.workers.length === 2);
    expect(await ask(port)).toMatchObject({ epoch: 1 });
    expect(await running.publish(planOf([port, other]))).toMatchObject({ epoch: 2, workers: 2 });
  });

  it.each(['die', 'hang'])(
    'when a change is committed (%s) is missing in the answer; the change is in force, for the next one too',
    async (what) => {
      const { 0: port = 0, 1: other = 0 } = await freePorts(2);
      const running = await start(2);
      await running.publish(planOf([port]));
      const [{ pid = 0 } = {}] = running.workers;
      const answer = await running.publish(planOf([port, other], `${what} late ${pid}`));
      expect(answer).toMatchObject({ epoch: 2, workers: 1, refused: null });
      await until('another one in its place', () =>
        running.workers.every((worker) => worker.pid !== pid && worker.epoch === 2),
      );
      await until('both places are filled', () => running.workers.length === 2);
      const seen = await Promise.all(Array.from({ length: 10 }, () => ask(other)));
      expect(new Set(seen.map(({ epoch }) => epoch))).toEqual(new Set([2]));
    },
  );
});
