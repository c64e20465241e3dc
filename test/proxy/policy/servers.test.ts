import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { NO_POLICY, NO_TIMEOUTS } from '../../../src/catalogue/policy.ts';
import { makeSelfSigned } from '../../../src/options/self-signed.ts';
import type { PolicySpec } from '../../../src/plan/plan.ts';
import { NO_CREDENTIALS } from '../../../src/proxy/credentials.ts';
import { valuesOf } from '../../support/message.ts';
import { Origin, refusedPort } from '../../support/origin.ts';
import { RawClient, requestOnce } from '../../support/raw-client.ts';
import { colour, expectNothingInFlight, service, until } from '../plans.ts';
import { type Policed, policed } from './policed.ts';

const leaving: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const leave of leaving.splice(0).reverse()) await leave();
});

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const GET = 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n';

async function benchOf(...args: Parameters<typeof policed>): Promise<Policed> {
  const made = await policed(...args);
  leaving.push(() => made.bench.close());
  return made;
}

describe('a policy without TLS to servers', () => {
  it('has each server connection carry one request, and tells the server (closesServers)', async () => {
    const origin = await Origin.answering(OK);
    leaving.push(() => origin.close());
    const { port, bench } = await benchOf([origin.port], { closesServers: true });
    const client = await RawClient.connect(port);
    leaving.push(() => client.destroy());
    for (let i = 1; i <= 3; i += 1) {
      expect((await client.request(GET)).status).toBe(200);
      expect(origin.connections).toHaveLength(i);
    }
    for (const request of origin.requests) {
      expect(valuesOf(request, 'connection')).toEqual(['close']);
    }
    expectNothingInFlight(bench);
  });
});

describe('timeouts of a policy', () => {
  const withTimes = (times: Partial<PolicySpec['timeouts']>) => ({
    timeouts: { ...NO_TIMEOUTS, ...times },
  });

  it('take the place of the settings: server', async () => {
    const origin = await Origin.scripted(async (connection) => {
      await connection.request();
    });
    leaving.push(() => origin.close());
    const { port } = await benchOf([origin.port], withTimes({ serverMs: 300 }));
    expect((await requestOnce(port, GET)).status).toBe(504);
  });

  it('take the place of the settings: longer ones, too', async () => {
    const origin = await Origin.scripted(async (connection) => {
      await connection.request();
      await new Promise((resolve) => setTimeout(resolve, 900));
      await connection.write(OK);
    });
    leaving.push(() => origin.close());
    const settings = { serverTimeoutMs: 200, clientTimeoutMs: 200 };
    const { port } = await benchOf([origin.port], withTimes({ serverMs: 60_000 }), { settings });
    expect((await requestOnce(port, GET)).status).toBe(200);
  });

  it('take the place of the settings: http-request and http-keep-alive, on the service port', async () => {
    const origin = await Origin.answering(OK);
    leaving.push(() => origin.close());
    const policy = withTimes({ requestHeadMs: 300, keepAliveMs: 300 });
    const settings = { requestHeadTimeoutMs: 60_000, keepAliveTimeoutMs: 60_000 };
    const { port } = await benchOf([origin.port], policy, { settings });
    const slow = await RawClient.connect(port);
    leaving.push(() => slow.destroy());
    void slow.write('GET / HTTP/1.1\r\n');
    expect((await slow.response()).status).toBe(408);
    const idle = await RawClient.connect(port);
    leaving.push(() => idle.destroy());
    expect((await idle.request(GET)).status).toBe(200);
    expect(await idle.incoming.more()).toBe(false);
  });

  it('take the place of the settings: tunnel', async () => {
    const origin = await Origin.scripted(async (connection) => {
      await connection.request();
      await connection.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
      );
    });
    leaving.push(() => origin.close());
    const { port } = await benchOf([origin.port], withTimes({ tunnelMs: 300 }));
    const client = await RawClient.connect(port);
    leaving.push(() => client.destroy());
    void client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    expect((await client.response()).status).toBe(101);
    expect(await client.incoming.more()).toBe(false);
  });
});

describe('TLS to servers', () => {
  const pem = makeSelfSigned();

  interface TlsOrigin {
    readonly port: number;
    /** SNI of each handshake; false without. */
    readonly names: (string | false)[];
    /** What came in plain before each handshake. */
    readonly introductions: string[];
    readonly requests: string[];
  }

  /** Answers every request over TLS; `introduced`: a line comes in plain first. */
  async function tlsOrigin(introduced = false): Promise<TlsOrigin> {
    const names: (string | false)[] = [];
    const introductions: string[] = [];
    const requests: string[] = [];
    const inner = tls.createServer({ key: pem, cert: pem }, (socket) => {
      names.push((socket as tls.TLSSocket & { servername: string | false }).servername);
      socket.on('error', () => {});
      socket.on('data', (piece) => {
        requests.push(piece.toString('latin1'));
        socket.write(OK);
      });
    });
    inner.on('tlsClientError', () => {});
    const server = net.createServer({ pauseOnConnect: introduced }, async (socket) => {
      leaving.push(() => {
        socket.destroy();
      });
      socket.on('error', () => {});
      if (introduced) {
        // Byte by byte: what follows the line is the handshake's.
        let line = '';
        while (!line.endsWith('\r\n')) {
          const byte: Buffer | null = socket.read(1);
          if (byte === null) await once(socket, 'readable');
          else line += byte.toString('latin1');
        }
        introductions.push(line);
      }
      inner.emit('connection', socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    leaving.push(() => {
      server.close();
    });
    return { port: (server.address() as AddressInfo).port, names, introductions, requests };
  }

  const trusting = { verifies: false, authorities: '', serverName: '' };

  it('asks nothing of a certificate it does not verify, and keeps the connection', async () => {
    const origin = await tlsOrigin();
    const { port, bench } = await benchOf([origin.port], { serverTls: trusting });
    for (let i = 0; i < 3; i += 1) expect((await requestOnce(port, GET)).status).toBe(200);
    expect(origin.names).toEqual([false]);
    expect(origin.requests[0]).toContain('GET / HTTP/1.1\r\nHost: a.test\r\n');
    expectNothingInFlight(bench);
  });

  it('sends the name as SNI', async () => {
    const origin = await tlsOrigin();
    const serverTls = { ...trusting, serverName: 'inner.test' };
    const { port } = await benchOf([origin.port], { serverTls });
    expect((await requestOnce(port, GET)).status).toBe(200);
    expect(origin.names).toEqual(['inner.test']);
  });

  it('serves with a certificate of the authority, and 503 without one, sending nothing', async () => {
    const origin = await tlsOrigin();
    const serverTls = { verifies: true, authorities: '/ca.pem', serverName: 'localhost' };
    const settings = { connectRetries: 1 };
    const { port, bench } = await benchOf([origin.port], { serverTls }, { settings });
    const trust = (pems: readonly string[]) =>
      bench.plane.certify({ ...NO_CREDENTIALS, authorities: [{ path: '/ca.pem', pems }] });
    expect((await requestOnce(port, GET)).status).toBe(503);
    for (const other of [makeSelfSigned(), 'nonsense']) {
      trust([other]);
      expect((await requestOnce(port, GET)).status).toBe(503);
    }
    expect(origin.requests).toEqual([]);
    trust([pem]);
    expect((await requestOnce(port, GET)).status).toBe(200);
    expectNothingInFlight(bench);
  });

  it('refuses a certificate for another name', async () => {
    const origin = await tlsOrigin();
    const serverTls = { verifies: true, authorities: '/ca.pem', serverName: 'not.it.test' };
    const { port, bench } = await benchOf(
      [origin.port],
      { serverTls },
      { settings: { connectRetries: 0 } },
    );
    bench.plane.certify({ ...NO_CREDENTIALS, authorities: [{ path: '/ca.pem', pems: [pem] }] });
    expect((await requestOnce(port, GET)).status).toBe(503);
    expect(origin.requests).toEqual([]);
  });

  it('answers 503 where nobody listens, where nothing is TLS, and where nobody shakes hands', async () => {
    const plain = await Origin.answering(OK);
    const silent = await Origin.scripted(async () => {});
    leaving.push(() => plain.close());
    leaving.push(() => silent.close());
    const settings = { connectRetries: 0, connectTimeoutMs: 400 };
    for (const server of [refusedPort(), plain.port, silent.port]) {
      const { port, bench } = await benchOf([server], { serverTls: trusting }, { settings });
      expect((await requestOnce(port, GET)).status).toBe(503);
      expectNothingInFlight(bench);
    }
  });

  it('goes to another server when one does not speak it', async () => {
    const origin = await tlsOrigin();
    const { port } = await benchOf([refusedPort(), origin.port], { serverTls: trusting });
    for (let i = 0; i < 4; i += 1) expect((await requestOnce(port, GET)).status).toBe(200);
  });

  it('begins with the PROXY header in plain', async () => {
    const origin = await tlsOrigin(true);
    const { port } = await benchOf([origin.port], { serverTls: trusting }, { sendProxy: 1 });
    expect((await requestOnce(port, GET)).status).toBe(200);
    expect(origin.introductions[0]).toMatch(/^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ \d+\r\n$/);
    expect(origin.requests[0]).toMatch(/^GET \/ HTTP/);
  });

  it('is spoken to all when a policy comes to ask for it, and to none when it goes', async () => {
    const origin = await tlsOrigin();
    const { port, bench } = await benchOf([origin.port], {});
    const publish = (serverTls: PolicySpec['serverTls']) => {
      const one = { ...colour('/a', [origin]), policy: { ...NO_POLICY, serverTls } };
      bench.publish({ services: [service('/a', [one])] });
    };
    expect((await requestOnce(port, GET)).status).toBe(502);
    publish(trusting);
    expect((await requestOnce(port, GET)).status).toBe(200);
    publish(null);
    expect((await requestOnce(port, GET)).status).toBe(502);
    await until('no connection to be left', () => bench.backend('/a').inFlight === 0);
  });
});
