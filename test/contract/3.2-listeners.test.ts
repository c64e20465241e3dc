// Which listeners there are and what leads where: contract §3.2, §3.3 and §3.6, on real sockets.

import { afterEach, describe, expect, it } from 'vitest';
import { rawApp } from '../scenario/raw-apps.ts';
import { Origin } from '../support/origin.ts';
import { requestOnce } from '../support/raw-client.ts';
import { Edge, labelled } from './edge.ts';
import { planOf } from './plan-of.ts';

const REASON = /\r\nx-teal-reason: no usable server\r\n/;

const leaving: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const leave of leaving.splice(0).reverse()) await leave();
});

async function answering(name: string): Promise<Origin> {
  const origin = await Origin.answering(
    () => `HTTP/1.1 200 OK\r\nContent-Length: ${name.length}\r\n\r\n${name}`,
  );
  leaving.push(() => origin.close());
  return origin;
}

async function open(...apps: Parameters<typeof Edge.open>[0]): Promise<Edge> {
  const edge = await Edge.open(apps);
  leaving.push(() => edge.close());
  return edge;
}

async function whole(port: number, headers: Record<string, string>) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return requestOnce(port, `GET / HTTP/1.1\r\n${lines.join('')}Connection: close\r\n\r\n`);
}

/** Body of the answer, or its status when that is not 200. */
async function ask(port: number, headers: Record<string, string>): Promise<string | number> {
  const { status, body } = await whole(port, headers);
  return status === 200 ? body.toString() : status;
}

describe('the shared listeners', () => {
  it('are there before any app, under the names of Marathon-LB', () => {
    expect(planOf([]).listeners.map((one) => [one.key, one.name])).toEqual([
      ['*:443', 'marathon_https_in'],
      ['*:80', 'marathon_http_in'],
      ['*:9091', 'marathon_http_appid_in'],
    ]);
  });
});

describe('a service port', () => {
  it('is a listener of its own, and goes with its app', async () => {
    const origin = await answering('a');
    const edge = await open(labelled('/a', 10_001, {}, [origin]));
    expect(await ask(edge.at(10_001), { Host: 'any' })).toBe('a');
    expect(planOf([]).listeners.map((one) => one.port)).not.toContain(10_001);
  });

  it('whose app has no usable task answers 503 (http), with the reason, and keeps its listener', async () => {
    const edge = await open(labelled('/a', 10_001, { '0_VHOST': 'a.test' }, []));
    for (const [port, host] of [
      [10_001, 'any'],
      [80, 'a.test'],
    ] as const) {
      const { status, head } = await whole(edge.at(port), { Host: host });
      expect([status, head]).toEqual([503, expect.stringMatching(REASON)]);
    }
    // Nobody knows of such a service.
    const { status, head } = await whole(edge.at(80), { Host: 'b.test' });
    expect([status, head]).toEqual([503, expect.not.stringMatching(REASON)]);
  });
});

describe('the app id port', () => {
  it('leads to the app that X-Marathon-App-Id names, whatever its hosts', async () => {
    const [a, b] = [await answering('a'), await answering('b')];
    const edge = await open(
      labelled('/team/a', 10_001, { '0_VHOST': 'a.test' }, [a]),
      labelled('/team/b', 10_002, {}, [b]),
    );
    const byId = (id: string) => ask(edge.at(9091), { Host: 'a.test', 'X-Marathon-App-Id': id });
    expect(await byId('/team/a')).toBe('a');
    expect(await byId('/TEAM/B')).toBe('b');
    expect(await byId('/team')).toBe(503);
    expect(await byId('team/a')).toBe(503);
    expect(await ask(edge.at(9091), { Host: 'a.test' })).toBe(503);
  });

  it('leads to the first http service of an app, by its port', () => {
    const ports = (labels: Record<string, string>) => {
      const app = rawApp('/a', labels, [{ port: 31_000 }], {
        portDefinitions: [{ port: 10_003 }, { port: 10_001 }, { port: 10_002 }],
        healthChecks: [],
      });
      const { services } = planOf([app]);
      return services.filter((one) => one.appIds.includes('/a')).map((one) => one.servicePort);
    };
    const http = (...indexes: number[]) =>
      Object.fromEntries(indexes.map((index) => [`HAPROXY_${index}_MODE`, 'http']));
    expect(ports(http(0, 1, 2))).toEqual([10_001]);
    expect(ports(http(0, 2))).toEqual([10_002]);
    expect(ports(http(0))).toEqual([10_003]);
    expect(ports({})).toEqual([]);
  });

  it('knows a deployment group by its own id', async () => {
    const blue = await answering('blue');
    const edge = await open(labelled('/nginx-blue', 10_001, { DEPLOYMENT_GROUP: 'nginx' }, [blue]));
    const byId = (id: string) => ask(edge.at(9091), { Host: 'x', 'X-Marathon-App-Id': id });
    expect(await byId('/nginx')).toBe('blue');
    expect(await byId('/nginx-blue')).toBe(503);
  });
});
