import { afterEach, describe, expect, it } from 'vitest';
import { PLAIN_BALANCING, type ServiceSpec, type Share } from '../../src/plan/plan.ts';
import type { ProxySettings } from '../../src/proxy/settings.ts';
import { Split } from '../../src/proxy/split.ts';
import { cookieOf } from '../../src/proxy/sticky.ts';
import { oneValue, valuesOf } from '../support/message.ts';
import { Origin } from '../support/origin.ts';
import { RawClient, type RawResponse } from '../support/raw-client.ts';
import { Bench, colour, expectNothingInFlight, listener, service, until } from './plans.ts';

const BLUE = '/shop/blue';
const GREEN = '/shop/green';

const origins: Origin[] = [];
let bench = new Bench();

afterEach(async () => {
  await bench.close();
  for (const origin of origins.splice(0)) await origin.close();
});

function shares(blue: number, green: number): Share[] {
  return [
    { appId: BLUE, percent: blue },
    { appId: GREEN, percent: green },
  ];
}

async function named(name: string): Promise<Origin> {
  const origin = await Origin.answering(
    `HTTP/1.1 200 OK\r\nContent-Length: ${name.length}\r\n\r\n${name}`,
  );
  origins.push(origin);
  return origin;
}

/** Blue is live, green is there; `publish` changes that. */
async function start(settings: Partial<ProxySettings> = {}, mode: ServiceSpec['mode'] = 'http') {
  const [blue, green] = [await named('blue'), await named('green')];
  bench = new Bench(settings);
  const balancing = { ...PLAIN_BALANCING, sticky: mode === 'http' };
  const colours = [colour(BLUE, [blue]), colour(GREEN, [green])].map((one) => ({
    ...one,
    balancing,
  }));
  const publish = (more: Partial<ServiceSpec>): void =>
    bench.publish({ services: [service(more.live ?? BLUE, colours, { mode, ...more })] });
  bench.publish({ listeners: [listener('service', 10_080, { mode })] });
  publish({});
  const client = await RawClient.connect(await bench.open('*:10080'));
  const get = (more = ''): Promise<RawResponse> =>
    client.request(`GET / HTTP/1.1\r\nHost: a\r\n${more}\r\n`);
  const ask = async (more = ''): Promise<string> => (await get(more)).body.toString();
  return { blue, green, colours, publish, get, ask };
}

/** Who answered how often. */
async function answers(count: number, ask: () => Promise<string>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < count; i += 1) {
    const name = await ask();
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

const cookie = (name: string, value: string): string => `Cookie: ${name}=${value}\r\n`;
const colourCookie = (appId: string): string => cookie('teal_colour', cookieOf(appId));

describe('a split', () => {
  const always = (): boolean => true;

  it('gives each share its part of any hundred requests in a row, spread evenly', () => {
    const split = new Split(shares(80, 20));
    const turns = Array.from({ length: 1_000 }, () => split.next(always));
    for (let from = 0; from <= 900; from += 1) {
      const green = turns.slice(from, from + 100).filter((place) => place === 1).length;
      expect(green).toBe(20);
    }
    // Never more than four of the one between two of the other.
    expect(turns.join('')).not.toMatch(/0{5}|11/);
  });

  it('gives three shares theirs', () => {
    const percents = [50, 33, 17];
    const split = new Split(percents.map((percent, place) => ({ appId: `/${place}`, percent })));
    const counts = [0, 0, 0];
    for (let i = 0; i < 300; i += 1) {
      const place = split.next(always);
      counts[place] = (counts[place] ?? 0) + 1;
    }
    expect(counts).toEqual([150, 99, 51]);
  });

  it('passes over who cannot serve, and owes them nothing when they can again', () => {
    const split = new Split(shares(50, 50));
    for (let i = 0; i < 500; i += 1) expect(split.next((place) => place === 0)).toBe(0);
    const green = Array.from({ length: 10 }, () => split.next(always)).filter(Boolean).length;
    expect(green).toBe(5);
    expect(split.next(() => false)).toBe(-1);
  });

  it('sets requests that chose themselves against their share, within bounds', () => {
    const split = new Split(shares(80, 20));
    for (let i = 0; i < 10; i += 1) split.charge(1);
    // Ten of green ask for forty of blue.
    for (let i = 0; i < 36; i += 1) expect(split.next(always)).toBe(0);
    for (let i = 0; i < 100_000; i += 1) split.charge(1);
    let waited = 0;
    while (split.next(always) === 0) waited += 1;
    expect(waited).toBeLessThan(1_000);
  });
});

describe('requests that are split', () => {
  it('reach each colour by its share, on one keep-alive connection', async () => {
    const { publish, ask } = await start();
    publish({ shares: shares(80, 20) });
    expect(await answers(100, ask)).toEqual({ blue: 80, green: 20 });
    expectNothingInFlight(bench);
  });

  it('go on as before when the same split is published with other changes', async () => {
    const { publish, ask } = await start();
    publish({ shares: shares(80, 20) });
    const asked = async (): Promise<string> => {
      publish({ shares: shares(80, 20) });
      return ask();
    };
    expect(await answers(50, asked)).toEqual({ blue: 40, green: 10 });
  });

  it('lead a client back to its colour by a cookie no server sees, set only where it is missing', async () => {
    const { green, publish, get } = await start();
    publish({ shares: shares(50, 50) });
    const first = await get();
    const set = valuesOf(first, 'set-cookie').find((one) => one.startsWith('teal_colour='));
    const appId = first.body.toString() === 'blue' ? BLUE : GREEN;
    expect(set).toBe(`teal_colour=${cookieOf(appId)}; path=/`);
    expect(oneValue(first, 'cache-control')).toBe('private');
    for (let i = 0; i < 5; i += 1) {
      const response = await get(`Cookie: a=b; teal_colour=${cookieOf(GREEN)}; c=d\r\n`);
      expect(response.body.toString()).toBe('green');
      expect(valuesOf(response, 'set-cookie').filter((one) => one.startsWith('teal_'))).toEqual([]);
    }
    expect(green.received).not.toContain('teal_colour');
    expect(green.received).toContain('a=b; c=d');
  });

  it('keep a session that is older than the split at its server', async () => {
    const { green, publish, ask } = await start();
    publish({ shares: shares(99, 1) });
    const session = cookie('mesosphere_server_id', cookieOf(`server_${green.port}`));
    expect(await answers(10, () => ask(session))).toEqual({ green: 10 });
  });

  it('go elsewhere, with a new cookie, when their colour has lost its share', async () => {
    const { publish, get } = await start();
    publish({ shares: [{ appId: GREEN, percent: 100 }] });
    const response = await get(colourCookie(BLUE));
    expect(response.body.toString()).toBe('green');
    expect(valuesOf(response, 'set-cookie')).toContain(`teal_colour=${cookieOf(GREEN)}; path=/`);
  });

  it('are all for the live colour again when the split ends, and carry no cookie of it', async () => {
    const { publish, get } = await start();
    publish({ shares: shares(50, 50) });
    await get();
    publish({});
    const response = await get();
    expect(response.body.toString()).toBe('blue');
    expect(valuesOf(response, 'set-cookie').join()).not.toContain('teal_colour');
  });

  it('pass over a colour that has no server', async () => {
    const { colours, publish, ask } = await start();
    const [blue, green] = colours;
    if (blue === undefined || green === undefined) throw new Error('no colours');
    publish({ shares: shares(50, 50), colours: [blue, { ...green, servers: [] }] });
    expect(await answers(20, () => ask(colourCookie(GREEN)))).toEqual({ blue: 20 });
    publish({ shares: shares(50, 50), colours: [{ ...blue, servers: [] }, green] });
    expect(await answers(20, ask)).toEqual({ green: 20 });
  });

  it('wait while no colour has a server, for whichever has one first', async () => {
    const { colours, publish, ask } = await start({ emptyPoolWaitMs: 30_000 });
    const empty = colours.map((one) => ({ ...one, servers: [] }));
    publish({ shares: shares(50, 50) });
    await ask();
    publish({ shares: shares(50, 50), colours: empty });
    const asked = ask();
    await until('the wait', () => bench.backend(BLUE).queued === 1);
    publish({
      shares: shares(50, 50),
      colours: [empty[0], colours[1]].flatMap((one) => one ?? []),
    });
    expect(await asked).toBe('green');
  });

  it('of TCP are split by connection', async () => {
    const { publish } = await start({}, 'tcp');
    publish({ shares: shares(75, 25) });
    const port = await bench.open('*:10080');
    const counts = await answers(20, async () => {
      const client = await RawClient.connect(port);
      const response = await client.request('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      client.destroy();
      return response.body.toString();
    });
    expect(counts).toEqual({ blue: 15, green: 5 });
  });

  it('of a colour whose share ends are drained', async () => {
    const { publish, ask } = await start();
    publish({ shares: shares(50, 50) });
    await answers(4, ask);
    expect(bench.pool(GREEN)?.draining).toBe(null);
    publish({});
    expect(bench.pool(GREEN)?.draining).toMatchObject({ inFlight: 0, cut: 0 });
  });
});

describe('a preview', () => {
  const settings = { previewSecret: 's3:cret x' };

  it.each([
    ['field, by app id', `X-Teal-Preview: s3:cret x ${GREEN}\r\n`],
    ['field, by the last segment', 'x-teal-preview:  s3:cret x green \r\n'],
    ['cookie, by app id', `Cookie: a=b; teal_preview=s3:cret x:${GREEN}\r\n`],
    ['cookie, by the last segment', 'Cookie: teal_preview=s3:cret x:green\r\n'],
    [
      'field before the cookie',
      `X-Teal-Preview: s3:cret x green\r\n${cookie('teal_preview', 's3:cret x:blue')}`,
    ],
  ])('shows a colour that is not live (%s), and no server sees how', async (_, line) => {
    const { green, ask } = await start(settings);
    expect(await answers(4, () => ask(line))).toEqual({ green: 4 });
    expect(await ask()).toBe('blue');
    expect(green.received.toLowerCase()).not.toContain('preview');
    expect(green.received).not.toContain('s3:cret');
    expectNothingInFlight(bench);
  });

  it.each([
    ['another secret', 'X-Teal-Preview: secret green\r\n'],
    ['no secret', 'X-Teal-Preview: green\r\n'],
    ['nothing', 'X-Teal-Preview:\r\n'],
    ['no such colour', 'X-Teal-Preview: s3:cret x red\r\n'],
    ['half a segment', 'X-Teal-Preview: s3:cret x een\r\n'],
    ['a cookie of another secret', 'Cookie: teal_preview=nope:green\r\n'],
  ])('is not given for %s; no server sees that it was asked for', async (_, line) => {
    const { blue, ask } = await start(settings);
    expect(await ask(line)).toBe('blue');
    expect(blue.received.toLowerCase()).not.toContain('preview');
  });

  it('is nothing we know of where there is no secret', async () => {
    const { blue, ask } = await start();
    expect(await ask('X-Teal-Preview:  green\r\n')).toBe('blue');
    expect(blue.received).toContain('X-Teal-Preview:  green');
  });

  it('goes before a split and its cookie, and sets none', async () => {
    const { publish, get } = await start(settings);
    publish({ shares: shares(99, 1) });
    const line = `X-Teal-Preview: s3:cret x green\r\n${colourCookie(BLUE)}`;
    for (let i = 0; i < 3; i += 1) {
      const response = await get(line);
      expect(response.body.toString()).toBe('green');
      expect(valuesOf(response, 'set-cookie').join()).not.toContain('teal_');
    }
  });

  it('of a colour without a server is a 503 at once', async () => {
    const { colours, publish, get } = await start(settings);
    const bare = colours.map((one) => (one.appId === GREEN ? { ...one, servers: [] } : one));
    publish({ colours: bare });
    expect((await get('X-Teal-Preview: s3:cret x green\r\n')).status).toBe(503);
  });

  it('of a full server waits its turn, live or not', async () => {
    const { colours, publish, ask } = await start({ ...settings, serverMaxConnections: 1 });
    publish({ colours });
    const line = 'X-Teal-Preview: s3:cret x green\r\n';
    const port = await bench.open('*:10080');
    const others = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const client = await RawClient.connect(port);
        return client.request(`GET / HTTP/1.1\r\nHost: a\r\n${line}\r\n`);
      }),
    );
    expect(others.map(({ body }) => body.toString())).toEqual(Array(8).fill('green'));
    expect(await ask(line)).toBe('green');
    expectNothingInFlight(bench);
  });
});

describe('a cut-over', () => {
  it('sends the next request of a keep-alive client to the new colour, with a new sticky cookie', async () => {
    const { blue, green, publish, get } = await start();
    const old = cookie('mesosphere_server_id', cookieOf(`server_${blue.port}`));
    const before = await get(old);
    expect([before.body.toString(), valuesOf(before, 'set-cookie')]).toEqual(['blue', []]);
    publish({ live: GREEN });
    const after = await get(old);
    expect(after.body.toString()).toBe('green');
    const value = cookieOf(`server_${green.port}`);
    expect(valuesOf(after, 'set-cookie')).toEqual([`mesosphere_server_id=${value}; path=/`]);
    expect(valuesOf(await get(cookie('mesosphere_server_id', value)), 'set-cookie')).toEqual([]);
  });
});
