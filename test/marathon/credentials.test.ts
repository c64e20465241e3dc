import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Logger } from '../../src/log/logger.ts';
import type { Login } from '../../src/marathon/access.ts';
import { MarathonSource, type MarathonSourceOptions } from '../../src/marathon/source.ts';
import {
  FakeMarathon,
  type Script,
  sendJson,
  sendStatus,
  until,
} from '../support/fake-marathon.ts';
import { LoginServer, PRIVATE_KEY, UID } from './login-server.ts';

const NEVER_MS = 3_600_000;

let marathon: FakeMarathon;
let login: LoginServer;
let source: MarathonSource | null = null;
let lists = 0;
let lines: string[] = [];

const say = (fields: object, message: string) => lines.push(JSON.stringify(fields) + message);
const log: Logger = { debug: say, info: say, warn: say, error: say };

beforeEach(async () => {
  [marathon, login] = await Promise.all([FakeMarathon.start(), LoginServer.start()]);
  lists = 0;
  lines = [];
});

afterEach(async () => {
  await source?.stop();
  source = null;
  await Promise.all([marathon.stop(), login.stop()]);
});

function start(who: Login, changes: Partial<MarathonSourceOptions> = {}): MarathonSource {
  source = new MarathonSource(
    {
      urls: [marathon.url],
      access: { login: who, trust: { verifies: false, authorities: [] } },
      stream: true,
      resyncIntervalMs: NEVER_MS,
      silenceTimeoutMs: NEVER_MS,
      fetchTimeoutMs: 5_000,
      backoffMinMs: 1,
      backoffMaxMs: 20,
      emptyHoldMs: 300,
      maxRemovalShare: 0.5,
      removalHoldMs: 300,
      ...changes,
    },
    log,
    () => {
      lists += 1;
    },
  );
  source.start();
  return source;
}

const account = (): Login => ({
  kind: 'service-account',
  uid: UID,
  privateKey: PRIVATE_KEY,
  loginEndpoint: login.url,
});

/** Lets in who shows the token sold last. */
const guarded =
  (script: Script): Script =>
  (request, response) => {
    const shown = request.headers.authorization;
    const good = shown !== undefined && shown === `token=${login.sold.at(-1)}`;
    (good ? script : sendStatus(401))(request, response);
  };

describe('user and password', () => {
  it('are shown to REST and the event stream alike, and never logged', async () => {
    const shown = Promise.all(
      (['apps', 'events'] as const).map(async (what) => {
        const [request] = (await once(marathon.seen, what)) as [IncomingMessage];
        return request.headers.authorization;
      }),
    );
    marathon.events = sendStatus(500);
    start({ kind: 'basic', userAndPassword: 'joe:s3cret' });
    const expected = `Basic ${Buffer.from('joe:s3cret').toString('base64')}`;
    expect(await shown).toEqual([expected, expected]);
    await until('a line in the log', () => lines.length > 0);
    expect(lines.join()).not.toMatch(/s3cret|am9lOn/);
  });

  it('that Marathon refuses are one clear line, and are not shown twice at once', async () => {
    marathon.apps = sendStatus(401);
    const one = start({ kind: 'basic', userAndPassword: 'joe:s3cret' }, { stream: false });
    await until('the error', () => one.status().error !== '');
    expect(one.status().error).toBe(
      `${marathon.url}/v2/apps?embed=apps.tasks&embed=apps.readiness: expected status 200, got 401`,
    );
  });

  it('go along with one redirect', async () => {
    const leader = await FakeMarathon.start();
    try {
      const asked = once(leader.seen, 'apps') as Promise<[IncomingMessage]>;
      marathon.apps = sendStatus(307, {
        location: `${leader.url}/v2/apps?embed=apps.tasks&embed=apps.readiness`,
      });
      start({ kind: 'basic', userAndPassword: 'joe:s3cret' }, { stream: false });
      const [{ headers }] = await asked;
      expect(headers.authorization).toMatch(/^Basic /);
      await until('its list', () => lists === 1);
    } finally {
      await source?.stop();
      await leader.stop();
    }
  });
});

describe('a service account of DC/OS', () => {
  it.each(['cookie', 'json'] as const)(
    'logs in once for REST and the event stream; the token comes as %s',
    async (sells) => {
      login.sells = sells;
      const { events } = marathon;
      marathon.apps = guarded(sendJson({ apps: [] }));
      marathon.events = guarded(events);
      const one = start(account());
      await until('stream and list', () => one.status().streaming && lists >= 2);
      expect([login.asked, login.faults]).toEqual([1, []]);
      expect(one.status().error).toBe('');
    },
  );

  it('gets a new token before the old one runs out', async () => {
    // Ten seconds before its end a token is not used any more.
    login.lifeSeconds = 9;
    marathon.apps = guarded(sendJson({ apps: [] }));
    start(account(), { stream: false, resyncIntervalMs: 10 });
    await until('three lists', () => lists >= 3);
    expect(login.asked).toBeGreaterThanOrEqual(3);
    expect(marathon.appsAsked - lists).toBeLessThanOrEqual(1);
  });

  it('gets no new token for one that was refused while it is young', async () => {
    marathon.apps = sendStatus(401);
    const one = start(account(), { stream: false });
    await until('refusals', () => marathon.appsAsked >= 5);
    expect(login.asked).toBe(1);
    expect(one.status().error).toContain('expected status 200, got 401');
  });

  const faults: readonly [string, () => void, string][] = [
    [
      'says no',
      () => {
        login.status = 401;
      },
      'expected status 200, got 401',
    ],
    [
      'is broken',
      () => {
        login.status = 503;
      },
      'expected status 200, got 503',
    ],
    [
      'sells nothing',
      () => {
        login.sells = 'nothing';
      },
      'expected a token in the cookie dcos-acs-auth-cookie or in JSON, got none',
    ],
  ];
  it.each(faults)(
    'a login endpoint that %s is one clear line, asked with growing waits',
    async (_title, break_, said) => {
      break_();
      const one = start(account());
      await until('the error', () => one.status().error !== '');
      expect(one.status().error).toContain(`login of ${UID} at ${login.url}: ${said}`);
      await until('many attempts', () => one.status().fetches >= 12);
      expect(login.asked).toBeLessThanOrEqual(6);
      expect(marathon.appsAsked).toBe(0);
      expect(lines.join()).not.toContain('PRIVATE');
      expect(lines.filter((line) => line.includes("reading Marathon's apps fails"))).toHaveLength(
        1,
      );
    },
  );

  it('one that comes back lets Teal in without a restart', async () => {
    login.status = 500;
    marathon.apps = guarded(sendJson({ apps: [] }));
    const one = start(account(), { stream: false });
    await until('the error', () => one.status().error !== '');
    login.status = 0;
    await until('the list', () => lists === 1);
    expect(one.status().error).toBe('');
  });
});
