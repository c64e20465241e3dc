import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Peers } from '../../src/cli/peers.ts';
import { SILENT } from '../../src/log/logger.ts';
import { facts } from '../stats/sample-peers.ts';

/** Far beyond what it takes. */
const PATIENCE = { timeout: 20_000, interval: 50 };

const running: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((stop) => stop()));
});

/** As of this moment, which counts here. */
const fresh = (id: string) => facts(id, { nowMs: Date.now(), lastAnswerAtMs: Date.now() });

interface Fake {
  readonly server: Server;
  readonly port: number;
  asked: number;
  /** What it answers; null = nothing at all. */
  says: { readonly status: number; readonly body: string } | null;
}

async function instance(says: object | string | null, status = 200): Promise<Fake> {
  const server = createServer((request, response) => {
    if (request.url?.split('?')[0] !== '/_teal/instance') return response.writeHead(404).end();
    fake.asked += 1;
    if (fake.says === null) return;
    response.writeHead(fake.says.status).end(fake.says.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const body = typeof says === 'string' ? says : JSON.stringify(says);
  const fake: Fake = {
    server,
    port: (server.address() as AddressInfo).port,
    asked: 0,
    says: says === null ? null : { status, body },
  };
  running.push(() => stop(server));
  return fake;
}

function stop(server: Server): Promise<unknown> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
}

function watch(
  peers: readonly { name: string; url: string }[],
  lookup?: (host: string) => Promise<readonly string[]>,
): Peers {
  const own = () => fresh('this-one');
  const watched = new Peers({
    peers,
    own,
    log: SILENT,
    ...(lookup === undefined ? {} : { lookup }),
  });
  running.push(() => watched.stop());
  watched.start();
  return watched;
}

const urlOf = ({ port }: Fake): string => `http://127.0.0.1:${port}`;
const states = (peers: Peers) =>
  (peers.view()?.instances ?? []).map(({ name, state, isSelf }) => [name, isSelf ? 'self' : state]);

describe('peers', () => {
  it('are none where none are configured, and nobody is asked', () => {
    expect(watch([]).view()).toBeNull();
  });

  it('are asked again and again, and fall silent and come back', async () => {
    const fake = await instance(fresh('edge-2'));
    const peers = watch([{ name: 'edge-2', url: urlOf(fake) }]);
    await expect.poll(() => states(peers)[1], PATIENCE).toEqual(['edge-2', 'fine']);
    await expect.poll(() => fake.asked, PATIENCE).toBeGreaterThan(1);
    fake.says = null;
    await expect.poll(() => states(peers)[1], PATIENCE).toEqual(['edge-2', 'silent']);
    const silent = peers.view()?.instances[1];
    expect(silent?.silentSinceMs).toBeGreaterThan(0);
    expect(silent?.facts?.id).toBe('edge-2');
    fake.says = { status: 200, body: JSON.stringify(fresh('edge-2')) };
    await expect.poll(() => states(peers)[1], PATIENCE).toEqual(['edge-2', 'fine']);
  }, 60_000);

  it.each([
    ['another page', '<html>', 200],
    ['an older Teal', '{"error":"there is no /_teal/instance"}', 404],
    ['a redirect', '', 302],
  ])('that are %s are told as what they are', async (_, body, status) => {
    const peers = watch([{ name: 'odd', url: urlOf(await instance(body, status)) }]);
    await expect.poll(() => states(peers)[1], PATIENCE).toEqual(['odd', 'answers-wrong']);
  });

  it('that answer without end are silent', async () => {
    const peers = watch([{ name: 'huge', url: urlOf(await instance('x'.repeat(9_000_000))) }]);
    await expect.poll(() => states(peers)[1], PATIENCE).toEqual(['huge', 'silent']);
  });

  it('that turn out to be this one are not asked every second', async () => {
    const self = await instance(facts('this-one'));
    const other = await instance(fresh('edge-2'));
    const peers = watch([
      { name: 'me', url: urlOf(self) },
      { name: 'edge-2', url: urlOf(other) },
    ]);
    await expect.poll(() => other.asked, PATIENCE).toBeGreaterThan(2);
    expect(states(peers)[0]).toEqual(['me', 'self']);
    expect(self.asked).toBe(1);
  });

  it('are all addresses of a name, called by them', async () => {
    const fake = await instance(fresh('edge-2'));
    const peers = watch([{ name: '', url: `http://edges.example:${fake.port}` }], async () => [
      '127.0.0.1',
      '127.0.0.2',
    ]);
    await expect
      .poll(() => states(peers).slice(1), PATIENCE)
      .toEqual([
        [`127.0.0.1:${fake.port}`, 'fine'],
        [`127.0.0.2:${fake.port}`, 'silent'],
      ]);
    expect(peers.urlOf(`127.0.0.1:${fake.port}`)).toBe(urlOf(fake));
    expect(peers.urlOf('edges.example')).toBeNull();
  });

  it('behind a name that leads nowhere are a line', async () => {
    const peers = watch([{ name: '', url: 'http://edges.example:9090' }], async () => {
      throw new Error('ENOTFOUND');
    });
    await expect
      .poll(() => peers.view()?.faults, PATIENCE)
      .toEqual([expect.stringMatching(/^http:\/\/edges\.example:9090: the name leads nowhere/)]);
  });
});
