// §3.4: which host and path lead where, in both matching modes, on 80 and 443.

import { afterEach, describe, expect, it } from 'vitest';
import type { MarathonApp } from '../../src/marathon/app.ts';
import { Origin } from '../support/origin.ts';
import { RawClient, type RawResponse, requestOnce } from '../support/raw-client.ts';
import { Edge, type EdgeOptions, labelled } from './edge.ts';

const leaving: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const leave of leaving.splice(0).reverse()) await leave();
});

type Labels = Readonly<Record<string, string>>;

/** Apps by id, each with an origin that answers with the id; service ports count up from 10000. */
async function edgeOf(
  apps: Readonly<Record<string, Labels>>,
  options?: EdgeOptions,
): Promise<Edge> {
  const made: MarathonApp[] = [];
  let port = 10_000;
  for (const [id, labels] of Object.entries(apps)) {
    const origin = await Origin.answering(
      `HTTP/1.1 200 OK\r\nContent-Length: ${id.length}\r\n\r\n${id}`,
    );
    leaving.push(() => origin.close());
    made.push(labelled(id, port, labels, [origin]));
    port += 1;
  }
  const edge = await Edge.open(made, options);
  leaving.push(() => edge.close());
  return edge;
}

const idIn = ({ status, body }: RawResponse): string =>
  status === 200 ? body.toString() : String(status);

async function http(edge: Edge, host: string, target = '/'): Promise<string> {
  return idIn(await requestOnce(edge.at(80), `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`));
}

async function https(edge: Edge, sni: string, host: string): Promise<string> {
  const client = await RawClient.connectTls(edge.at(443), sni);
  try {
    return idIn(await client.request(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`));
  } finally {
    client.destroy();
  }
}

describe.each([
  { mode: 'rules', hostMap: false },
  { mode: 'a map', hostMap: true },
])('hosts by $mode', ({ hostMap }) => {
  const catalogue = { hostMap };

  it('are matched whole, whatever their case and port', async () => {
    const edge = await edgeOf({ '/a': { '0_VHOST': 'A.test,b.test' } }, { catalogue });
    for (const host of ['a.test', 'A.TEST', 'b.test', 'a.test:8080']) {
      expect(await http(edge, host)).toBe('/a');
    }
    for (const host of ['xa.test', 'a.test.x', 'sub.a.test', 'test', '127.0.0.1']) {
      expect(await http(edge, host)).toBe('503');
    }
  });

  it('are matched by SNI on 443 whatever Host says, and by Host where there is no SNI', async () => {
    const edge = await edgeOf(
      { '/a': { '0_VHOST': 'a.test' }, '/b': { '0_VHOST': 'b.test' } },
      { catalogue },
    );
    expect(await https(edge, 'a.test', 'b.test')).toBe('/a');
    expect(await https(edge, 'A.TEST', 'other.test')).toBe('/a');
    expect(await https(edge, 'other.test', 'a.test')).toBe('503');
    expect(await https(edge, '', 'B.test:443')).toBe('/b');
    expect(await https(edge, '', 'c.test')).toBe('503');
  });

  it('belong to the first app where two want one', async () => {
    const edge = await edgeOf(
      { '/b': { '0_VHOST': 'a.test' }, '/a': { '0_VHOST': 'a.test' } },
      { catalogue },
    );
    expect(await http(edge, 'a.test')).toBe('/a');
  });

  it('follow BACKEND_WEIGHT before the order of apps', async () => {
    const edge = await edgeOf(
      {
        '/a': { '0_VHOST': 'a.test', '0_PATH': '/', '0_BACKEND_WEIGHT': '1' },
        '/b': { '0_VHOST': 'a.test', '0_PATH': '/', '0_BACKEND_WEIGHT': '7' },
      },
      { catalogue },
    );
    expect(await http(edge, 'a.test')).toBe('/b');
  });
});

describe('paths', () => {
  it('are plain prefixes of the path, tried before routes without one', async () => {
    const edge = await edgeOf({
      '/all': { '0_VHOST': 'a.test' },
      '/foo': { '0_VHOST': 'a.test', '0_PATH': '/foo /bar/' },
    });
    for (const target of ['/foo', '/foobar', '/foo/x?y', '/bar/']) {
      expect(await http(edge, 'a.test', target)).toBe('/foo');
    }
    for (const target of ['/', '/bar', '/FOO', '/x/foo', '/?/foo', '/fo', '//foo']) {
      expect(await http(edge, 'a.test', target)).toBe('/all');
    }
    expect(await http(edge, 'b.test', '/foo')).toBe('503');
  });

  it('are not decoded, whatever they hide', async () => {
    const edge = await edgeOf({
      '/all': { '0_VHOST': 'a.test' },
      '/foo': { '0_VHOST': 'a.test', '0_PATH': '/foo/' },
    });
    for (const target of ['/foo%2F', '/%66oo/', '/./foo/', '/x/..%2ffoo/', '/foo?/']) {
      expect(await http(edge, 'a.test', target)).toBe('/all');
    }
    expect(await http(edge, 'a.test', '/foo/..%2f')).toBe('/foo');
  });

  it('may ignore case (`-i`)', async () => {
    const edge = await edgeOf({
      '/a': { '0_VHOST': 'a.test', '0_PATH': '-i /multiple /paths' },
    });
    for (const target of ['/multiple', '/MULTIPLE/x', '/Paths']) {
      expect(await http(edge, 'a.test', target)).toBe('/a');
    }
    expect(await http(edge, 'a.test', '/other')).toBe('503');
  });

  it('are those of an absolute target, which also names the host', async () => {
    const edge = await edgeOf({ '/a': { '0_VHOST': 'a.test', '0_PATH': '/p' } });
    const ask = async (target: string) =>
      idIn(await requestOnce(edge.at(80), `GET ${target} HTTP/1.1\r\nHost: a.test\r\n\r\n`));
    expect(await ask('http://a.test/p?x')).toBe('/a');
    expect(await ask('http://a.test')).toBe('503');
    expect(await ask('http://b.test/p')).toBe('400');
  });

  it('match any host without VHOST', async () => {
    const edge = await edgeOf({
      '/named': { '0_VHOST': 'a.test' },
      '/path': { '0_PATH': '/only' },
    });
    expect(await http(edge, 'whatever.test', '/only/x')).toBe('/path');
    expect(await http(edge, 'whatever.test', '/')).toBe('503');
    expect(await http(edge, 'a.test', '/')).toBe('/named');
  });
});

describe('wildcards', () => {
  it('stand for every name below theirs; the nearest comes first, the very name before it', async () => {
    const edge = await edgeOf({
      '/exact': { '0_VHOST': 'www.shop.test' },
      '/far': { '0_VHOST': '*.test' },
      '/near': { '0_VHOST': '*.shop.test' },
    });
    expect(await http(edge, 'www.shop.test')).toBe('/exact');
    expect(await http(edge, 'api.shop.test')).toBe('/near');
    expect(await http(edge, 'a.b.shop.test')).toBe('/near');
    expect(await http(edge, 'shop.test')).toBe('/far');
    expect(await http(edge, 'test')).toBe('503');
    expect(await https(edge, 'api.shop.test', 'www.shop.test')).toBe('/near');
  });

  it('give way to nothing but weight', async () => {
    const edge = await edgeOf({
      '/exact': { '0_VHOST': 'www.shop.test' },
      '/heavy': { '0_VHOST': '*.shop.test', '0_BACKEND_WEIGHT': '5' },
    });
    expect(await http(edge, 'www.shop.test')).toBe('/heavy');
  });
});

describe('the app id port', () => {
  it('leads to the lowest http port of the app of that very id, in any case', async () => {
    const edge = await edgeOf({
      '/a/b': { '0_VHOST': 'a.test', '0_AUTH': 'r:u:x' },
      '/tcp': { '0_MODE': 'tcp' },
    });
    const ask = async (id: string) =>
      idIn(
        await requestOnce(
          edge.at(9091),
          `GET / HTTP/1.1\r\nHost: x\r\nX-Marathon-App-Id: ${id}\r\n\r\n`,
        ),
      );
    expect(await ask('/a/b')).toBe('/a/b');
    expect(await ask('/A/B')).toBe('/a/b');
    for (const id of ['a/b', '/a', '/a/b/', '/tcp', '']) expect(await ask(id)).toBe('503');
  });
});
