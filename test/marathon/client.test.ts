import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OPEN_ACCESS } from '../../src/marathon/access.ts';
import { MarathonClient } from '../../src/marathon/client.ts';
import { SourceError } from '../../src/marathon/source-error.ts';
import {
  FakeMarathon,
  hang,
  type Script,
  sendJson,
  sendStatus,
  sendText,
  until,
} from '../support/fake-marathon.ts';

let marathon: FakeMarathon;
let client: MarathonClient;

beforeEach(async () => {
  marathon = await FakeMarathon.start();
  client = new MarathonClient({
    urls: [marathon.url],
    access: OPEN_ACCESS,
    timeoutMs: 10_000,
    userAgent: 'teal',
    maxBodyBytes: 1_000,
  });
});

afterEach(async () => {
  await client.close();
  await marathon.stop();
});

/** Of WHATWG's list: `fetch` asks none of these. */
const BLOCKED_PORTS = [10_080, 6_697, 6_679, 6_669, 6_668, 6_667, 6_666, 6_665, 6_566, 5_061];

/** On the first of them that is free; resolves with the base URL. */
async function listenOnBlocked(server: Server): Promise<string> {
  for (const port of BLOCKED_PORTS) {
    const failed = once(server, 'error');
    server.listen(port, '127.0.0.1');
    const outcome = await Promise.race([once(server, 'listening').then(() => 'listening'), failed]);
    if (outcome === 'listening') return `http://127.0.0.1:${port}`;
  }
  throw new Error('none of the blocked ports is free');
}

const fetchApps = () => client.fetchApps(new AbortController().signal);

describe('one read of the app list', () => {
  it('a body that grows too long, compressed or not, is refused and its connection closed', async () => {
    const tooLong = JSON.stringify({ apps: [], filler: 'x'.repeat(10_000) });
    marathon.apps = (_request, response) => {
      response.setHeader('content-encoding', 'gzip');
      // The end never comes: the refusal must not wait for it.
      response.write(gzipSync(tooLong));
    };
    await expect(fetchApps()).rejects.toThrow('expected an answer of at most 1000 bytes');
    await until('a closed connection', () => marathon.connections === 0);
  });

  it('comes from a port that browsers block, too', async () => {
    const server = createServer((_request, response) => response.end('{"apps":[]}'));
    const url = await listenOnBlocked(server);
    const blocked = new MarathonClient({
      urls: [url],
      access: OPEN_ACCESS,
      timeoutMs: 10_000,
      userAgent: 'teal',
    });
    try {
      expect(await blocked.fetchApps(new AbortController().signal)).toMatchObject({
        url,
        apps: [],
      });
    } finally {
      await blocked.close();
      server.close();
    }
  });

  it('is one of compressed JSON that breaks off, and is refused', async () => {
    marathon.apps = (_request, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync('{"apps":[]}').subarray(0, -9));
    };
    await expect(fetchApps()).rejects.toThrow(SourceError);
    await until('closed connections', () => marathon.connections === 0);
  });

  it('an answer that is refused for its status holds no connection', async () => {
    marathon.apps = (request, response) => {
      sendStatus(200)(request, response);
    };
    await expect(fetchApps()).rejects.toThrow(SourceError);
    marathon.apps = (_request, response) => {
      response.writeHead(500);
      response.write('and so on');
    };
    await expect(fetchApps()).rejects.toThrow('expected status 200, got 500');
    await until('closed connections', () => marathon.connections === 0);
  });

  it('a read that is called off ends at once', async () => {
    marathon.apps = hang;
    const abort = new AbortController();
    const read = client.fetchApps(abort.signal);
    await until('the request', () => marathon.appsAsked === 1);
    expect(client.asking).toBe(marathon.url);
    abort.abort();
    await expect(read).rejects.toThrow('the fetch was called off');
    expect(client.asking).toBe('');
    await until('a closed connection', () => marathon.connections === 0);
  });
});

describe('several Marathons, one of which hangs', () => {
  let standby: FakeMarathon;
  let both: MarathonClient;

  beforeEach(async () => {
    standby = await FakeMarathon.start();
    standby.apps = sendJson({ apps: [{ id: '/of-the-standby' }] });
    both = new MarathonClient({
      urls: [marathon.url, standby.url],
      access: OPEN_ACCESS,
      timeoutMs: 60_000,
      userAgent: 'teal',
      patienceMs: 50,
    });
  });

  afterEach(async () => {
    await both.close();
    await standby.stop();
  });

  /** A byte now and then, for ever. */
  const trickle: Script = (_request, response) => {
    response.write('{');
    const timer = setInterval(() => response.write(' '), 10);
    response.on('close', () => clearInterval(timer));
  };

  it.each([
    ['says nothing', hang],
    ['trickles', trickle],
  ])(
    'the next one is asked when it %s, and the other is asked first from then on',
    async (_title, fault) => {
      marathon.apps = fault;
      const { url, apps } = await both.fetchApps(new AbortController().signal);
      expect([url, apps.map(({ id }) => id)]).toEqual([standby.url, ['/of-the-standby']]);
      await until('a closed connection', () => marathon.connections === 0);
      expect(both.url).toBe(standby.url);
      await both.fetchApps(new AbortController().signal);
      expect(marathon.appsAsked).toBe(1);
    },
  );

  it('it may answer after all while the next one is asked', async () => {
    let answer = () => {};
    marathon.apps = (request, response) => {
      answer = () => sendJson({ apps: [{ id: '/late' }] })(request, response);
    };
    standby.apps = hang;
    const reading = both.fetchApps(new AbortController().signal);
    await until('both', () => standby.appsAsked === 1);
    answer();
    expect((await reading).url).toBe(marathon.url);
    await until('closed connections', () => standby.connections === 0);
  });

  it('the fault of each is named, and a read called off ends them all', async () => {
    marathon.apps = hang;
    standby.apps = sendStatus(500);
    const abort = new AbortController();
    const reading = both.fetchApps(abort.signal);
    await until('both', () => standby.appsAsked === 1);
    abort.abort();
    await expect(reading).rejects.toThrow('the fetch was called off');
    marathon.apps = sendStatus(503);
    await expect(both.fetchApps(new AbortController().signal)).rejects.toThrow(
      /got 503; .*got 500/,
    );
  });
});

describe('one read of a single app', () => {
  it('gives the app; null when there is none', async () => {
    marathon.singles.set('/a/b', sendJson({ app: { id: '/a/b', instances: 3 } }));
    const one = await client.fetchApp('/a/b', new AbortController().signal);
    expect(one?.apps).toMatchObject([{ id: '/a/b', instances: 3 }]);
    expect(await client.fetchApp('/a/c', new AbortController().signal)).toBeNull();
  });

  it.each(['7', '[]', '{}', '{"app":null}', '{"app":{"id":1}}', '{"app":{"id":"/b"}}', 'no'])(
    'an answer without that app is a fault: %s',
    async (text) => {
      marathon.singles.set('/a', sendText(text));
      const read = client.fetchApp('/a', new AbortController().signal);
      await expect(read).rejects.toThrow(/\/v2\/apps\/a\?embed=app\.readiness: expected JSON/);
    },
  );
});
