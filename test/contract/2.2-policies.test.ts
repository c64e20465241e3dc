// §2.2: labels that say who may come in, where requests are sent, and what is changed on the way, as
// traffic shows them. AUTH's hashes are those that perl's crypt(3) makes.

import { afterEach, describe, expect, it } from 'vitest';
import { oneValue, valuesOf } from '../support/message.ts';
import { Origin, type OriginRequest } from '../support/origin.ts';
import { RawClient, type RawResponse, requestOnce } from '../support/raw-client.ts';
import { Edge, labelled } from './edge.ts';

const leaving: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const leave of leaving.splice(0).reverse()) await leave();
});

interface Stage {
  readonly edge: Edge;
  readonly origin: Origin;
  /** On the http port, to a.test. */
  ask(target: string, ...fields: string[]): Promise<RawResponse>;
  /** What arrived last. */
  last(): OriginRequest;
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** One app `/a` with VHOST a.test and service port 10000. */
async function stageOf(
  labels: Readonly<Record<string, string>>,
  { answer = OK, acceptProxy = false } = {},
): Promise<Stage> {
  const origin = await Origin.answering(answer);
  leaving.push(() => origin.close());
  const app = labelled('/a', 10_000, { '0_VHOST': 'a.test', ...labels }, [origin]);
  const edge = await Edge.open([app], { acceptProxy });
  leaving.push(() => edge.close());
  return {
    edge,
    origin,
    ask: (target, ...fields) => requestOnce(edge.at(80), get(target, ...fields)),
    last: () => origin.requests.at(-1) as OriginRequest,
  };
}

function get(target: string, ...fields: string[]): string {
  const lines = fields.map((line) => `${line}\r\n`).join('');
  return `GET ${target} HTTP/1.1\r\nHost: a.test\r\n${lines}\r\n`;
}

const basic = (pair: string): string =>
  `Authorization: Basic ${Buffer.from(pair).toString('base64')}`;

async function overTls(edge: Edge, request: string): Promise<RawResponse> {
  const client = await RawClient.connectTls(edge.at(443), 'a.test');
  leaving.push(() => client.destroy());
  return client.request(request);
}

/** perl -e 'print crypt("secret", …)' */
const HASHES = {
  'SHA-512':
    '$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1',
};

describe('REDIRECT_TO_HTTPS', () => {
  const labels = { '0_REDIRECT_TO_HTTPS': 'true' };

  it('sends every request of port 80 to https, to the host and target as received', async () => {
    const { ask, origin } = await stageOf(labels);
    const response = await ask('/x/%2e?a=b&c');
    expect(response.head).toBe(
      'HTTP/1.1 301 Moved Permanently\r\ncontent-length: 0\r\nlocation: https://a.test/x/%2e?a=b&c\r\n\r\n',
    );
    expect(origin.requests).toHaveLength(0);
  });

  it('keeps a port and the case of Host, and the connection', async () => {
    const { edge } = await stageOf(labels);
    const client = await RawClient.connect(edge.at(80));
    leaving.push(() => client.destroy());
    const ask = async () => client.request('GET / HTTP/1.1\r\nHost: A.Test:8080\r\n\r\n');
    for (const response of [await ask(), await ask()]) {
      expect(oneValue(response, 'location')).toBe('https://A.Test:8080/');
    }
  });

  it('has no body for HEAD, and closes behind a body it does not want', async () => {
    const { edge } = await stageOf(labels);
    const head = await requestOnce(edge.at(80), 'HEAD / HTTP/1.1\r\nHost: a.test\r\n\r\n');
    expect(head.status).toBe(301);
    const post = await requestOnce(
      edge.at(80),
      'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 9\r\n\r\n',
    );
    expect(oneValue(post, 'connection')).toBe('close');
  });

  it('leaves 443, the service port and the app id port alone', async () => {
    const { edge } = await stageOf(labels);
    expect((await overTls(edge, get('/'))).status).toBe(200);
    expect((await requestOnce(edge.at(10_000), get('/'))).status).toBe(200);
    expect((await requestOnce(edge.at(9091), get('/', 'X-Marathon-App-Id: /a'))).status).toBe(200);
  });

  it('comes before AUTH: nobody is asked for a password in plain', async () => {
    const { ask, edge } = await stageOf({ ...labels, '0_AUTH': `realm:bob:${HASHES['SHA-512']}` });
    expect((await ask('/', basic('bob:wrong'))).status).toBe(301);
    expect((await overTls(edge, get('/'))).status).toBe(401);
  });

  it('is for the paths of PATH only', async () => {
    const { ask } = await stageOf({ ...labels, '0_PATH': '/in' });
    expect((await ask('/in/x')).status).toBe(301);
    expect((await ask('/out')).status).toBe(503);
  });
});

describe('USE_HSTS', () => {
  const hsts = (response: RawResponse) => valuesOf(response, 'strict-transport-security');

  it('is on all responses of the servers, errors and plain ones too, on every way', async () => {
    for (const answer of [OK, 'HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n']) {
      const { edge, ask } = await stageOf({ '0_USE_HSTS': 'true' }, { answer });
      const direct = await requestOnce(edge.at(10_000), get('/'));
      for (const response of [await ask('/'), direct, await overTls(edge, get('/'))]) {
        expect(hsts(response)).toEqual(['max-age=15768000']);
      }
    }
  });

  it('is not on answers of our own', async () => {
    const app = labelled('/a', 10_000, { '0_VHOST': 'a.test', '0_USE_HSTS': 'true' }, []);
    const edge = await Edge.open([app]);
    leaving.push(() => edge.close());
    const response = await requestOnce(edge.at(80), get('/'));
    expect([response.status, ...hsts(response)]).toEqual([503]);
  });
});

describe('AUTH', () => {
  const CHALLENGE =
    'HTTP/1.1 401 Unauthorized\r\ncontent-length: 112\r\ncache-control: no-cache\r\ncontent-type: text/html\r\nwww-authenticate: Basic realm="my realm"\r\n\r\n';
  const labels = { '0_AUTH': `my realm:bob:${HASHES['SHA-512']}` };

  it('asks in the words of HAProxy, on the same connection', async () => {
    const { edge, origin } = await stageOf(labels);
    const client = await RawClient.connect(edge.at(80));
    leaving.push(() => client.destroy());
    const asked = await client.request(get('/'));
    expect(asked.head).toBe(CHALLENGE);
    expect(asked.body.toString()).toContain('You need a valid user and password');
    expect((await client.request(get('/', basic('bob:secret')))).status).toBe(200);
    expect(origin.requests).toHaveLength(1);
  });

  it('passes Authorization on to the server', async () => {
    const { ask, last } = await stageOf(labels);
    expect((await ask('/', basic('bob:secret'))).status).toBe(200);
    expect(`Authorization: ${oneValue(last(), 'authorization')}`).toBe(basic('bob:secret'));
  });

  it.each([
    ['a wrong password', [basic('bob:wrong')]],
    ['a wrong user', [basic('eve:secret')]],
    ['another case of the user', [basic('Bob:secret')]],
    ['an empty password', [basic('bob:')]],
    ['no colon', [basic('bob')]],
    ['a password and more', [basic('bob:secret\0')]],
    ['a password and a line end', [basic('bob:secret\n')]],
    ['a password beyond all measure', [basic(`bob:${'x'.repeat(5_000)}`)]],
    ['another scheme', ['Authorization: Bearer Ym9iOnNlY3JldA==']],
    ['no base64', ['Authorization: Basic *bob:secret*']],
    ['two fields, a good one first', [basic('bob:secret'), basic('eve:x')]],
    ['two fields, a good one last', [basic('eve:x'), basic('bob:secret')]],
    ['the proxy field', [basic('bob:secret').replace('A', 'Proxy-A')]],
    ['an underscored field', [basic('bob:secret').replace('Authorization', 'Authorization_')]],
  ])('lets nobody in with %s', async (_, fields) => {
    const { ask, origin } = await stageOf(labels);
    expect((await ask('/', ...fields)).status).toBe(401);
    expect(origin.requests).toHaveLength(0);
  });

  it('lets nobody in where the label is broken, and asks all the same', async () => {
    for (const value of ['my realm:bob', 'my realm:bob:plaintext', 'my realm:bob:$9$x$y', '::']) {
      const { ask } = await stageOf({ '0_AUTH': value });
      for (const pair of ['bob:secret', 'bob:plaintext', 'bob:', ':']) {
        expect((await ask('/', basic(pair))).status).toBe(401);
      }
    }
  });

  it('guards 80 and 443, not the service port and the app id port', async () => {
    const { edge, ask } = await stageOf(labels);
    expect((await ask('/')).status).toBe(401);
    expect((await overTls(edge, get('/'))).status).toBe(401);
    expect((await requestOnce(edge.at(10_000), get('/'))).status).toBe(200);
    expect((await requestOnce(edge.at(9091), get('/', 'X-Marathon-App-Id: /a'))).status).toBe(200);
  });

  it('guards every way with TEAL_{n}_AUTH_SCOPE=all', async () => {
    const { edge } = await stageOf({ ...labels, TEAL_0_AUTH_SCOPE: 'all' });
    for (const port of [80, 9091, 10_000]) {
      const ask = (...fields: string[]) =>
        requestOnce(edge.at(port), get('/', 'X-Marathon-App-Id: /a', ...fields));
      expect((await ask()).status).toBe(401);
      expect((await ask(basic('bob:secret'))).status).toBe(200);
    }
  });

  it('serves a flood of wrong passwords with 401 or 503, and those it knows meanwhile', async () => {
    const { edge, ask, origin } = await stageOf(labels);
    expect((await ask('/', basic('bob:secret'))).status).toBe(200);
    const flood = Array.from({ length: 200 }, (_, i) => ask('/', basic(`bob:guess-${i}`)));
    const known = await ask('/', basic('bob:secret'));
    const statuses = new Set((await Promise.all(flood)).map(({ status }) => status));
    expect(known.status).toBe(200);
    expect([...statuses].sort()).toEqual([401, 503]);
    expect(origin.requests).toHaveLength(2);
    expect(edge.plane.report().pools.every(({ backend }) => backend.length > 0)).toBe(true);
  });
});

describe('BACKEND_NETWORK_ALLOWED_ACL', () => {
  it.each([
    ['127.0.0.0/8', 200],
    ['127.0.0.1', 200],
    ['10.0.0.0/8 127.0.0.1/32', 200],
    ['127.0.0.0/30', 200],
    ['::/0', 200],
    ['127.0.0.2', 403],
    ['127.0.0.2/31', 403],
    ['10.0.0.0/8 192.168.0.0/16', 403],
    ['nonsense', 403],
  ])('%s answers 127.0.0.1 with %i, on every way', async (networks, status) => {
    const { edge, origin } = await stageOf({ '0_BACKEND_NETWORK_ALLOWED_ACL': networks });
    for (const port of [80, 9091, 10_000]) {
      const response = await requestOnce(edge.at(port), get('/', 'X-Marathon-App-Id: /a'));
      expect(response.status).toBe(status);
    }
    expect(origin.requests).toHaveLength(status === 200 ? 3 : 0);
  });

  it('answers in the words of HAProxy and keeps the connection', async () => {
    const { edge } = await stageOf({ '0_BACKEND_NETWORK_ALLOWED_ACL': '10.0.0.0/8' });
    const client = await RawClient.connect(edge.at(80));
    leaving.push(() => client.destroy());
    for (let i = 0; i < 2; i += 1) {
      const { head, body } = await client.request(get('/'));
      expect(head).toBe(
        'HTTP/1.1 403 Forbidden\r\ncontent-length: 93\r\ncache-control: no-cache\r\ncontent-type: text/html\r\n\r\n',
      );
      expect(body.toString()).toContain('Request forbidden by administrative rules.');
    }
  });

  it('closes connections of TCP services', async () => {
    for (const [networks, served] of [
      ['127.0.0.0/8', true],
      ['10.0.0.0/8', false],
    ] as const) {
      const origin = await Origin.answering(OK);
      leaving.push(() => origin.close());
      const labels = { '0_MODE': 'tcp', '0_BACKEND_NETWORK_ALLOWED_ACL': networks };
      const edge = await Edge.open([labelled('/t', 10_000, labels, [origin])]);
      leaving.push(() => edge.close());
      const client = await RawClient.connect(edge.at(10_000));
      leaving.push(() => client.destroy());
      void client.write(get('/'));
      if (served) expect((await client.response()).status).toBe(200);
      else expect(await client.incoming.more()).toBe(false);
      expect(origin.connections).toHaveLength(served ? 1 : 0);
    }
  });

  it('means the address that a PROXY protocol header names, on listeners that want one', async () => {
    const { edge } = await stageOf(
      { '0_BACKEND_NETWORK_ALLOWED_ACL': '10.0.0.0/8 2001:db8::/32' },
      { acceptProxy: true },
    );
    const from = async (family: string, source: string, destination: string) =>
      (
        await requestOnce(
          edge.at(80),
          `PROXY ${family} ${source} ${destination} 5000 80\r\n${get('/')}`,
        )
      ).status;
    expect(await from('TCP4', '10.1.2.3', '10.0.0.1')).toBe(200);
    expect(await from('TCP4', '11.1.2.3', '10.0.0.1')).toBe(403);
    expect(await from('TCP6', '2001:db8::7', '2001:db8::1')).toBe(200);
    expect(await from('TCP6', '2001:db9::7', '2001:db8::1')).toBe(403);
    expect(await from('TCP6', '::ffff:10.1.2.3', '::ffff:10.0.0.1')).toBe(200);
  });
});

describe('HTTP_BACKEND_PROXYPASS_PATH', () => {
  it.each([
    ['/foo/bar', '/bar'],
    ['/foobar', '/bar'],
    ['/FOO/Bar?x=/foo', '/Bar?x=/foo'],
    ['/foo', '/'],
    ['/foo/', '/'],
    ['/foo?x', '/?x'],
    ['/foo//x', '//x'],
    ['/bar/foo', '/bar/foo'],
    ['/%66oo/x', '/%66oo/x'],
    ['http://a.test/foo/x', '/x'],
  ])('makes %s arrive as %s, with the first VHOST as Host', async (target, arrives) => {
    const { ask, last } = await stageOf({
      '0_VHOST': 'a.test,b.test',
      '0_HTTP_BACKEND_PROXYPASS_PATH': '/foo',
    });
    expect((await ask(target)).status).toBe(200);
    expect(last().target).toBe(arrives);
    expect(valuesOf(last(), 'host')).toEqual(['a.test']);
  });

  it('leaves OPTIONS * alone, and Host where there is no VHOST', async () => {
    const origin = await Origin.answering(OK);
    leaving.push(() => origin.close());
    const labels = { '0_HTTP_BACKEND_PROXYPASS_PATH': '/foo' };
    const edge = await Edge.open([labelled('/a', 10_000, labels, [origin])]);
    leaving.push(() => edge.close());
    await requestOnce(edge.at(10_000), 'OPTIONS * HTTP/1.1\r\nHost: x.test\r\n\r\n');
    expect(origin.requests[0]?.target).toBe('*');
    await requestOnce(edge.at(10_000), 'GET /foo/x HTTP/1.1\r\nHost: x.test\r\n\r\n');
    expect(origin.requests[1]?.target).toBe('/x');
    expect(valuesOf(origin.requests[1] as OriginRequest, 'host')).toEqual(['x.test']);
  });
});

describe('HTTP_BACKEND_REVPROXY_PATH', () => {
  it.each([
    ['/login?x', '/foo/login?x'],
    ['/', '/foo/'],
    ['http://a.test/login', '/foo/login'],
    ['https://A.TEST:8443/login', '/foo/login'],
    ['http://other.test/login', 'http://other.test/login'],
    ['http://a.test.evil/login', 'http://a.test.evil/login'],
    ['http://evil@a.test/login', 'http://evil@a.test/login'],
    ['//other.test/login', '//other.test/login'],
    ['login', 'login'],
  ])('makes Location %s %s', async (location, becomes) => {
    const answer = `HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;
    const { ask } = await stageOf({ '0_HTTP_BACKEND_REVPROXY_PATH': '/foo' }, { answer });
    expect(oneValue(await ask('/'), 'location')).toBe(becomes);
  });
});

describe('HTTP_BACKEND_REDIR', () => {
  it('answers the root of the host with a redirect, and nothing else', async () => {
    const { ask, edge } = await stageOf({ '0_HTTP_BACKEND_REDIR': '/start' });
    const root = await ask('/');
    expect([root.status, oneValue(root, 'location')]).toEqual([301, '/start']);
    expect((await ask('/other')).status).toBe(200);
    const direct = await requestOnce(edge.at(10_000), 'GET / HTTP/1.1\r\nHost: b.test\r\n\r\n');
    expect(direct.status).toBe(200);
  });
});
