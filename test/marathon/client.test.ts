import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OPEN_ACCESS } from '../../src/marathon/access.ts';
import { MarathonClient } from '../../src/marathon/client.ts';
import { SourceError } from '../../src/marathon/source-error.ts';
import { FakeMarathon, hang, sendStatus, until } from '../support/fake-marathon.ts';

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
