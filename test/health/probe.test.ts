import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer, type Server } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import type { CheckSpec } from '../../src/catalogue/claim.ts';
import type { Outcome } from '../../src/health/outcome.ts';
import { probe } from '../../src/health/probe.ts';
import { makeSelfSigned } from '../../src/options/self-signed.ts';
import { OK, Origin, refusedPort, type Script } from '../support/origin.ts';

const leaving: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const leave of leaving.splice(0).reverse()) await leave();
});

async function origin(script: Script): Promise<Origin> {
  const made = await Origin.scripted(script);
  leaving.push(() => made.close());
  return made;
}

function spec(port: number, changes: Partial<CheckSpec> = {}): CheckSpec {
  const kind = changes.kind ?? 'http';
  return {
    kind,
    path: kind === 'tcp' ? '' : '/health?deep=1',
    port,
    intervalMs: 10_000,
    timeoutMs: 10_000,
    rise: 2,
    fall: 4,
    ...changes,
  };
}

function run(port: number, changes: Partial<CheckSpec> = {}): Promise<Outcome> {
  return probe('127.0.0.1', spec(port, changes), new AbortController().signal);
}

const saying =
  (bytes: string): Script =>
  async (connection) => {
    await connection.head();
    await connection.write(bytes);
    connection.end();
  };

const answer = (status: string): string => `HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`;

describe('an http probe', () => {
  it('is a GET of its own connection, with a Host, and asks for the close', async () => {
    const server = await origin(saying(OK));
    expect(await run(server.port)).toMatchObject({
      status: 'L7OK',
      code: 200,
      text: 'HTTP status 200',
    });
    const [connection] = server.connections;
    const [line, ...fields] = (connection?.received ?? '').split('\r\n');
    expect(line).toBe('GET /health?deep=1 HTTP/1.1');
    expect(fields.map((field) => field.toLowerCase())).toEqual([
      `host: 127.0.0.1:${server.port}`,
      'connection: close',
      'user-agent: teal-health-check',
      'accept: */*',
      '',
      '',
    ]);
    await connection?.ended();
    expect(server.connections).toHaveLength(1);
  });

  it('asks as its check says, and takes the statuses it names for good', async () => {
    const asks = {
      method: 'OPTIONS',
      host: 'a.test',
      statuses: [
        [204, 204],
        [500, 599],
      ],
    } as const;
    const answers = ['204 No Content', '200 OK', '503 Service Unavailable'];
    const results: string[] = [];
    for (const status of answers) {
      const server = await origin(saying(answer(status)));
      results.push((await run(server.port, { asks })).status);
      const head = server.connections[0]?.received ?? '';
      expect(head).toMatch(/^OPTIONS \/health\?deep=1 HTTP\/1\.1\r\nhost: a\.test\r\n/i);
    }
    expect(results).toEqual(['L7OK', 'L7STS', 'L7OK']);
  });

  it.each([
    [answer('200 OK'), 'L7OK', 200],
    [answer('204 No Content'), 'L7OK', 204],
    [answer('301 Moved Permanently\r\nLocation: http://127.0.0.1:1/'), 'L7OK', 301],
    [answer('399 Odd'), 'L7OK', 399],
    ['HTTP/1.0 200 OK\r\n\r\nuntil the close', 'L7OK', 200],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense', 'L7OK', 200],
    ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12', 'L7OK', 200],
    [`HTTP/1.1 103 Early Hints\r\n\r\n${OK}`, 'L7OK', 200],
    [answer('400 Bad Request'), 'L7STS', 400],
    [answer('404 Not Found'), 'L7STS', 404],
    [answer('500 Internal Server Error'), 'L7STS', 500],
    [answer('503 Service Unavailable'), 'L7STS', 503],
    ['SSH-2.0-OpenSSH_9.2\r\n', 'L7RSP', 0],
    ['\0\x01\x02', 'L7RSP', 0],
    ['HTTP/1.1 200 OK\r\nContent-', 'L7RSP', 0],
    ['HTTP/1.1 2000 OK\r\n\r\n', 'L7RSP', 0],
    ['', 'L7RSP', 0],
  ])('answered %j is %s with code %i', async (bytes, status, code) => {
    const server = await origin(saying(bytes));
    expect(await run(server.port)).toMatchObject({ status, code });
  });

  it('whose head is longer than any head is an invalid response', async () => {
    const server = await origin(saying(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`));
    expect(await run(server.port)).toMatchObject({ status: 'L7RSP', code: 0 });
  });

  it('whose body never ends is decided by its head', async () => {
    const server = await origin(async (connection) => {
      await connection.head();
      await connection.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc');
    });
    expect(await run(server.port)).toMatchObject({ status: 'L7OK', code: 200 });
    await server.connections[0]?.ended();
  });

  it('does not read on and on', async () => {
    const server = await origin(async (connection) => {
      await connection.head();
      await connection.write('HTTP/1.1 200 OK\r\n\r\n');
      for (let i = 0; i < 500; i += 1) await connection.write('x'.repeat(65_536));
    });
    expect(await run(server.port)).toMatchObject({ status: 'L7OK' });
    await server.connections[0]?.ended();
  });

  it.each(['', 'HTTP/1.1 200 OK\r\nContent-'])(
    'answered %j and then nothing is a timeout',
    async (bytes) => {
      const server = await origin(async (connection) => {
        await connection.write(bytes);
      });
      expect(await run(server.port, { timeoutMs: 100 })).toMatchObject({
        status: 'L7TOUT',
        code: 0,
      });
      await server.connections[0]?.ended();
    },
  );

  it('reset by the server is an invalid response', async () => {
    const server = await origin(async (connection) => {
      await connection.head();
      connection.reset();
    });
    expect(await run(server.port)).toMatchObject({ status: 'L7RSP' });
  });

  it('to a port where nobody listens is a connection problem', async () => {
    expect(await run(refusedPort())).toMatchObject({
      status: 'L4CON',
      code: 0,
      text: 'Connection refused',
    });
  });

  it('called off says nothing of the server and leaves no connection', async () => {
    const server = await origin(async () => {});
    const calling = new AbortController();
    const outcome = probe('127.0.0.1', spec(server.port), calling.signal);
    const connection = await server.connection();
    calling.abort();
    expect(await outcome).toMatchObject({ status: 'SOCKERR', text: 'called off' });
    await connection.ended();
  });

  it('names an IPv6 server in brackets', async () => {
    expect(await probe('::1', spec(refusedPort()), new AbortController().signal)).toMatchObject({
      status: expect.stringMatching(/^(L4CON|SOCKERR)$/),
    });
  });
});

describe('a tcp probe', () => {
  it('is good when the connection is there, and sends nothing', async () => {
    const server = await origin(async () => {});
    expect(await run(server.port, { kind: 'tcp' })).toMatchObject({ status: 'L4OK', code: 0 });
    const connection = await server.connection();
    await connection.ended();
    expect(connection.received).toBe('');
  });

  it('is a connection problem when it is refused', async () => {
    expect(await run(refusedPort(), { kind: 'tcp' })).toMatchObject({ status: 'L4CON' });
  });
});

describe('an https probe', () => {
  async function tlsOrigin(bytes: string): Promise<Server> {
    const pem = makeSelfSigned();
    const server = createTlsServer({ key: pem, cert: pem }, (socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(bytes));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    leaving.push(() => server.close());
    return server;
  }

  it.each([
    [OK, 'L7OK', 200],
    [answer('500 No'), 'L7STS', 500],
    ['garbage\r\n\r\n', 'L7RSP', 0],
  ])('speaks TLS to whatever certificate: %j is %s', async (bytes, status, code) => {
    const { port } = (await tlsOrigin(bytes)).address() as AddressInfo;
    expect(await run(port, { kind: 'https' })).toMatchObject({ status, code });
  });

  it('to a server in plain is an invalid handshake', async () => {
    const server = await origin(async (connection) => {
      await connection.incoming.more(8_000);
      await connection.write(answer('400 Bad Request'));
      connection.end();
    });
    expect(await run(server.port, { kind: 'https' })).toMatchObject({ status: 'L6RSP' });
  });

  it('closed in the handshake is an invalid handshake', async () => {
    const server = await origin(async (connection) => {
      await connection.incoming.more(8_000);
      connection.end();
    });
    expect(await run(server.port, { kind: 'https' })).toMatchObject({ status: 'L6RSP' });
  });

  it('left alone in the handshake is a timeout of it', async () => {
    const server = await origin(async () => {});
    const outcome = await run(server.port, { kind: 'https', timeoutMs: 100 });
    expect(outcome).toMatchObject({ status: 'L6TOUT' });
    await server.connections[0]?.ended();
  });
});
