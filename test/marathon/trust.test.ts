import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Trust } from '../../src/marathon/access.ts';
import { MarathonClient } from '../../src/marathon/client.ts';
import { makeSelfSigned } from '../../src/options/self-signed.ts';

let server: Server;
let pem: string;

beforeEach(async () => {
  pem = makeSelfSigned();
  server = createServer({ cert: pem, key: pem }, (_request, response) =>
    response.end('{"apps":[{"id":"/a"}]}'),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

async function read(trust: Trust): Promise<string> {
  const client = new MarathonClient({
    urls: [`https://127.0.0.1:${(server.address() as AddressInfo).port}`],
    access: { login: { kind: 'nobody' }, trust },
    timeoutMs: 5_000,
    userAgent: 'teal',
  });
  try {
    const { apps } = await client.fetchApps(new AbortController().signal);
    return apps.map(({ id }) => id).join();
  } catch (error) {
    return String(error);
  } finally {
    await client.close();
  }
}

describe("the certificate of Marathon's TLS", () => {
  it('is not looked at without a CA file', async () => {
    expect(await read({ verifies: false, authorities: [] })).toBe('/a');
  });

  it('has to come from the authority that is named', async () => {
    expect(await read({ verifies: true, authorities: [pem] })).toBe('/a');
    expect(await read({ verifies: true, authorities: [makeSelfSigned()] })).toMatch(/certificate/);
  });

  it("has to come from one of Node's authorities where none is named", async () => {
    expect(await read({ verifies: true, authorities: [] })).toMatch(/self.signed certificate/);
  });
});
