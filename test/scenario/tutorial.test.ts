// The tutorial by hand, from end to end, under load: the promise Teal exists for.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lookUpSrv } from './dns-client.ts';
import { freePorts } from './free-ports.ts';
import { Load, type Outcome } from './load.ts';
import { MarathonClient, tutorialFile } from './marathon-client.ts';
import { isAlive, type LogLine, TealProcess } from './teal-process.ts';

/** Service port 10080 is in the tutorial's files; an address of our own keeps it free. */
const ADDRESS = '127.0.44.80';
const GREEN_LABELS = {
  HAPROXY_GROUP: 'external',
  HAPROXY_0_PORT: '10080',
  HAPROXY_0_VHOST: 'http://ec2-52-25-126-14.us-west-2.compute.amazonaws.com',
};

describe('the blue-green tutorial, by hand, under a constant load', () => {
  const folder = mkdtempSync(join(tmpdir(), 'teal-tutorial-'));
  let teal: TealProcess;
  let marathon: MarathonClient;
  let load: Load;
  let stopWatching = () => {};
  let ports: number[];

  beforeAll(async () => {
    ports = await freePorts(7);
    const names = ['marathon', 'dns', 'dns-http', 'http', 'https', 'appid', 'stats'];
    const flags = names.flatMap((name, place) => [`--${name}-port`, String(ports[place])]);
    teal = new TealProcess(['demo', '--verbose', '--bind', ADDRESS, ...flags], { TMPDIR: folder });
    marathon = new MarathonClient(ports[0] as number);
    await teal.line((line) => line.startsWith('Blue is live'), 'Blue is live');
    stopWatching = marathon.watchDeployments();
    load = new Load(ADDRESS, 10_080, [
      { name: 'keep-alive', path: '/endpoint0', clients: 4, keepAlive: true, pauseMs: 4 },
      { name: 'new connection', path: '/endpoint0', clients: 3, keepAlive: false, pauseMs: 8 },
      { name: 'slow', path: '/health', clients: 4, keepAlive: false, pauseMs: 50 },
    ]);
  }, 90_000);

  afterAll(async () => {
    await load?.stop();
    stopWatching();
    teal?.signal('SIGINT');
    await teal?.exit;
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  it('step 1: blue answers with version 0.9 and the Host it was asked for', async () => {
    const answer = await request(`http://${ADDRESS}:10080/endpoint0`);
    expect(await answer.body.json()).toEqual({
      host: `${ADDRESS}:10080`,
      version: '0.9',
      result: 'all is well',
    });
  });

  it('step 2: green, added without labels, changes nothing for clients', async () => {
    await marathon.send('POST', '/v2/apps', tutorialFile('green.json'));
    await marathon.settled('/zdd/green', 4);
    expect(cutOvers(teal).map((one) => one['to'])).toEqual(['/zdd/blue']);
    expect(versions(load.outcomes)).toEqual(new Set(['0.9']));
  }, 90_000);

  it('step 3: its SRV name lists four records, with their addresses in ADDITIONAL', async () => {
    const answer = await lookUpSrv(ports[1] as number, '_green-zdd._tcp.marathon.mesos');
    const { tasks } = await marathon.app('/zdd/green');
    expect(answer.targets).toHaveLength(4);
    expect(answer.additional.sort()).toEqual([...answer.targets].sort());
    expect(tasks).toHaveLength(4);
  });

  it('step 4: labels for green and blue scaled away cut over to version 1.0', async () => {
    await Promise.all([
      marathon.send('PUT', '/v2/apps/zdd/green', JSON.stringify({ labels: GREEN_LABELS })),
      marathon.send('PUT', '/v2/apps/zdd/blue', JSON.stringify({ instances: 0 })),
    ]);
    await cutOver(teal, '/zdd/green', 1);
    await marathon.settled('/zdd/green', 4);
    await marathon.settled('/zdd/blue', 0);
    expect(await versionNow()).toBe('1.0');
  }, 90_000);

  it('step 5: the same steps backwards bring 0.9 back', async () => {
    await marathon.send('PUT', '/v2/apps/zdd/blue', JSON.stringify({ instances: 4 }));
    await marathon.settled('/zdd/blue', 4);
    expect(await versionNow()).toBe('1.0');
    await marathon.send('PUT', '/v2/apps/zdd/green', JSON.stringify({ instances: 0 }));
    await cutOver(teal, '/zdd/blue', 2);
    await marathon.settled('/zdd/green', 0);
    expect(await versionNow()).toBe('0.9');
  }, 90_000);

  it('step 6: green scaled up again is cut over to by itself once all of it is healthy', async () => {
    await marathon.send('PUT', '/v2/apps/zdd/green', JSON.stringify({ instances: 4 }));
    await marathon.settled('/zdd/green', 4);
    await cutOver(teal, '/zdd/green', 2);
    expect(await versionNow()).toBe('1.0');
  }, 90_000);

  it('no request failed, and none that started after a cut-over was answered by the old colour', async () => {
    await load.stop();
    const stale = load.outcomes.filter((one) => isStale(one, cutOvers(teal)));
    const committedAtMs = Number(cutOvers(teal).at(-1)?.['atMs']);
    const readyAtMs = marathon.deploymentsEndedAtMs.findLast(
      (endedAtMs) => endedAtMs <= committedAtMs,
    );
    const sinceReadyMs = committedAtMs - (readyAtMs ?? Number.NaN);
    const counts = ['keep-alive', 'new connection', 'slow'].map((kind) => {
      const count = load.outcomes.filter((one) => one.kind === kind).length;
      return `${count} ${kind}`;
    });
    console.log(
      [
        `tutorial: ${load.outcomes.length} requests (${counts.join(', ')})`,
        `failed: ${load.failures.length}`,
        `answers of the old colour after an acknowledged cut-over: ${stale.length}`,
        `cut-overs: ${cutOvers(teal).length - 1}, prepare to last commit: ${cutOvers(teal)
          .slice(1)
          .map((one) => `${Number(one['tookMs']).toFixed(1)} ms`)
          .join(', ')}`,
        `from green healthy, its deployment ended, to the last worker's commit: ${sinceReadyMs} ms`,
      ].join('\n  '),
    );
    expect(load.failures).toEqual([]);
    expect(stale).toEqual([]);
    expect(load.outcomes.length).toBeGreaterThan(1_000);
    expect(load.outcomes.some((one) => one.endedAtMs - one.startedAtMs > 1_000)).toBe(true);
  });

  it('Ctrl-C ends everything: exit code 0, no process and no file left', async () => {
    const processes = teal.descendants();
    expect(processes.length).toBeGreaterThan(5);
    teal.signal('SIGINT');
    expect(await teal.exit).toBe(0);
    expect(processes.filter(isAlive)).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  }, 30_000);

  async function versionNow(): Promise<string> {
    const answer = await request(`http://${ADDRESS}:10080/endpoint0`);
    return ((await answer.body.json()) as { version: string }).version;
  }
});

function cutOvers(teal: TealProcess): LogLine[] {
  return teal.log.filter((line) => line['msg'] === 'cut-over');
}

/** Waits for the `nth` cut-over to a colour. */
async function cutOver(teal: TealProcess, to: string, nth: number): Promise<void> {
  const isIt = (line: string) => line.includes('"msg":"cut-over"') && line.includes(`"to":"${to}"`);
  let seen = 0;
  await teal.line((line) => {
    if (isIt(line)) seen += 1;
    return seen >= nth;
  }, `cut-over number ${nth} to ${to}`);
}

function versionOf(one: Outcome): string | null {
  if (one.body === null || !one.body.includes('version')) return null;
  return (JSON.parse(one.body) as { version: string }).version;
}

function versions(outcomes: readonly Outcome[]): Set<string> {
  return new Set(outcomes.map(versionOf).filter((version) => version !== null));
}

const VERSION: Readonly<Record<string, string>> = { '/zdd/blue': '0.9', '/zdd/green': '1.0' };

/** Started after a cut-over was acknowledged, ended before the next began, answered by another colour. */
function isStale(one: Outcome, history: readonly LogLine[]): boolean {
  const version = versionOf(one);
  if (version === null) return false;
  const at = history.findLastIndex((line) => Number(line['atMs']) < one.startedAtMs);
  const current = history[at];
  if (current === undefined || version === VERSION[String(current['to'])]) return false;
  const next = history[at + 1];
  // A request in flight while the next cut-over happens may be answered by either.
  return next === undefined || Number(next['atMs']) - Number(next['tookMs']) > one.endedAtMs;
}
