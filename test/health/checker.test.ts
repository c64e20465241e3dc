import { afterEach, describe, expect, it } from 'vitest';
import type { CheckSpec } from '../../src/catalogue/claim.ts';
import { HealthChecker } from '../../src/health/checker.ts';
import type { CheckState } from '../../src/health/rise-fall.ts';
import type { CheckTarget } from '../../src/health/targets.ts';
import { SILENT } from '../../src/log/logger.ts';
import { Origin, refusedPort } from '../support/origin.ts';
import { until } from '../support/settle.ts';

const leaving: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const leave of leaving.splice(0).reverse()) await leave();
});

interface Bench {
  readonly checker: HealthChecker;
  readonly said: string[];
  changes: number;
}

function bench(maxConcurrent = 256): Bench {
  const said: string[] = [];
  const log = {
    ...SILENT,
    warn: (_: object, line: string) => said.push(line),
    info: (_: object, line: string) => said.push(line),
  };
  const made: Bench = {
    checker: new HealthChecker({ seed: 'test', maxConcurrent }, log, () => {
      made.changes += 1;
    }),
    said,
    changes: 0,
  };
  leaving.push(() => made.checker.stop());
  return made;
}

/** A server whose answers can be changed. */
async function moody(): Promise<{ origin: Origin; status: number }> {
  const mood = { status: 200, origin: null as unknown as Origin };
  mood.origin = await Origin.answering(
    () => `HTTP/1.1 ${mood.status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
  );
  leaving.push(() => mood.origin.close());
  return mood;
}

const FAST: CheckSpec = {
  kind: 'http',
  path: '/',
  port: 0,
  intervalMs: 20,
  timeoutMs: 5_000,
  rise: 2,
  fall: 3,
};
const PATIENT: CheckSpec = { ...FAST, intervalMs: 3_600_000 };

const target = (key: string, port: number, spec: CheckSpec = FAST) => ({
  key,
  address: '127.0.0.1',
  spec: { ...spec, port },
});

/** These and no others. */
function watch({ checker }: Bench, present: readonly CheckTarget[]): void {
  const keys = new Set(present.map((one) => one.key));
  checker.change({ present, gone: [...checker.states.keys()].filter((key) => !keys.has(key)) });
}

const stateOf = ({ checker }: Bench, key: string): CheckState => {
  const state = checker.states.get(key);
  if (state === undefined) throw new Error(`${key} is not watched`);
  return state;
};

describe('the health checker', () => {
  it('takes a server down after its falls and brings it back after its rises, and says so', async () => {
    const one = bench();
    const server = await moody();
    watch(one, [target('a', server.origin.port)]);
    expect(stateOf(one, 'a')).toMatchObject({ up: true, status: 'INI' });
    await until(() => stateOf(one, 'a').status === 'L7OK', 'the first good check');
    expect(one.changes).toBe(0);
    server.status = 503;
    await until(() => !stateOf(one, 'a').up, 'down');
    expect(stateOf(one, 'a')).toMatchObject({ status: 'L7STS', code: 503, failures: 3, downs: 1 });
    server.status = 200;
    await until(() => stateOf(one, 'a').up, 'up again');
    expect(one.changes).toBe(2);
    expect(one.said).toEqual([
      "a is down by Teal's own check: Layer7 wrong status, HTTP status 503",
      'a is up again: it passes its health check',
    ]);
  });

  it('lets the first check of a new server decide', async () => {
    const one = bench();
    watch(one, [target('a', refusedPort(), { ...PATIENT, fall: 10 })]);
    await until(() => !stateOf(one, 'a').up, 'down');
    expect(stateOf(one, 'a')).toMatchObject({ status: 'L4CON', failures: 1, downs: 1 });
  });

  it('keeps what it knows while address and check stay the same, and begins anew otherwise', async () => {
    const one = bench();
    const port = refusedPort();
    watch(one, [target('a', port, PATIENT), target('b', port, PATIENT)]);
    await until(() => !stateOf(one, 'a').up && !stateOf(one, 'b').up, 'down');
    const known = stateOf(one, 'a');
    watch(one, [target('a', port, PATIENT)]);
    expect(stateOf(one, 'a')).toBe(known);
    expect([...one.checker.states.keys()]).toEqual(['a']);
    watch(one, [target('a', port, { ...PATIENT, path: '/other' })]);
    expect(stateOf(one, 'a')).toMatchObject({ status: 'INI', up: true });
    watch(one, [target('a', port, { ...PATIENT, path: '/other' }), target('b', port)]);
    expect(stateOf(one, 'b')).toMatchObject({ status: 'INI', up: true });
  });

  it('never gives a map that changes afterwards', async () => {
    const one = bench();
    watch(one, [target('a', refusedPort(), PATIENT)]);
    const before = one.checker.states;
    await until(() => !stateOf(one, 'a').up, 'down');
    expect(before.get('a')).toMatchObject({ status: 'INI' });
  });

  it('confirms a suspicion by its own probes before a server goes', async () => {
    const one = bench();
    const server = await moody();
    watch(one, [target('a', server.origin.port, PATIENT)]);
    await until(() => stateOf(one, 'a').status === 'L7OK', 'the first good check');
    const asked = server.origin.requests.length;
    one.checker.suspect('a');
    await until(() => server.origin.requests.length > asked, 'a probe out of turn');
    await until(() => one.checker.inFlight === 0, 'its end');
    expect(stateOf(one, 'a')).toMatchObject({ up: true, failures: 0 });
    await server.origin.close();
    one.checker.suspect('a');
    one.checker.suspect('nobody');
    await until(() => !stateOf(one, 'a').up, 'down');
    expect(stateOf(one, 'a')).toMatchObject({ status: 'L4CON', failures: PATIENT.fall });
  });

  it('runs no more probes at once than it may, and forgets none', async () => {
    const one = bench(3);
    let open = 0;
    let most = 0;
    const server = await Origin.scripted(async (connection) => {
      open += 1;
      most = Math.max(most, open);
      await connection.head();
      await new Promise((resolve) => setImmediate(resolve));
      open -= 1;
      await connection.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
    leaving.push(() => server.close());
    const keys = Array.from({ length: 30 }, (_, number) => `server ${number}`);
    watch(
      one,
      keys.map((key) => target(key, server.port, PATIENT)),
    );
    await until(() => keys.every((key) => stateOf(one, key).status === 'L7OK'), 'all probed');
    expect(most).toBeLessThanOrEqual(3);
    expect(server.connections).toHaveLength(30);
  });

  it('a server that hangs does not hold up the others', async () => {
    const one = bench();
    const hanging = await Origin.scripted(async () => {});
    leaving.push(() => hanging.close());
    const server = await moody();
    watch(one, [target('slow', hanging.port), target('good', server.origin.port)]);
    await until(() => server.origin.requests.length >= 5, 'five good checks');
    expect(stateOf(one, 'slow').status).toBe('INI');
  });

  it('stops with nothing under way and nothing to come', async () => {
    const one = bench();
    const hanging = await Origin.scripted(async () => {});
    leaving.push(() => hanging.close());
    watch(one, [target('a', hanging.port), target('b', hanging.port)]);
    await hanging.connection(1);
    await one.checker.stop();
    expect(one.checker.inFlight).toBe(0);
    expect(one.checker.states.size).toBe(0);
    for (const connection of hanging.connections) await connection.ended();
    watch(one, [target('a', hanging.port)]);
    one.checker.suspect('a');
    expect(one.checker.states.size).toBe(0);
    expect(one.changes).toBe(0);
  });

  it('drops the outcome of a server that left meanwhile', async () => {
    const one = bench();
    const hanging = await Origin.scripted(async () => {});
    leaving.push(() => hanging.close());
    watch(one, [target('a', hanging.port)]);
    const connection = await hanging.connection();
    watch(one, []);
    await connection.ended();
    await until(() => one.checker.inFlight === 0, 'its end');
    expect(one.checker.states.size).toBe(0);
    expect(one.changes).toBe(0);
  });
});
