import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCHEMAS } from '../../src/admin/api/schemas/schemas.ts';
import { type Admin, startAdmin } from '../../src/admin/server.ts';
import { SILENT } from '../../src/log/logger.ts';
import { explain } from '../../src/plan/explain.ts';
import { wayFinder } from '../../src/proxy/way-finder.ts';
import { sampleFacts } from '../stats/sample-facts.ts';
import { facts } from '../stats/sample-peers.ts';
import { sampleView } from '../stats/sample-view.ts';

const SIGNED = { by: 'ada', why: 'green leaks', atMs: 1 };
const DRAINING = { sinceMs: 1, deadlineMs: 2, inFlight: 3, tunnels: 1, cut: 0 };
const SAMPLE = sampleView();
/** Everything that may be null or empty is there. */
const FULL = sampleView({
  workers: SAMPLE.workers.map((worker) => ({
    ...worker,
    load: { cpuMs: 1.5, rssBytes: 2, loopDelayMs: 0.5, connections: 3 },
  })),
  history: SAMPLE.history.map((one) => ({
    ...one,
    byWorker: [{ pid: 1, tookMs: 1.5 }],
    drain: { inFlight: 1, cut: 0, endedAtMs: 0 },
    bake: { state: 'baking', untilMs: 1, why: 'w', errorPercentBefore: null, errorPercent: 0.5 },
  })),
  traffic: {
    ...SAMPLE.traffic,
    pools: SAMPLE.traffic.pools.map((pool) => ({ ...pool, draining: DRAINING })),
  },
  orders: {
    revision: 3,
    services: {
      '*:10080': {
        pin: { appId: '/zdd/blue', ...SIGNED },
        split: { shares: [{ appId: '/zdd/blue', percent: 100 }], ...SIGNED },
        servers: { 'zdd_blue_10080/a': 'drain' },
        refused: [{ appId: '/zdd/green', version: 'v', ...SIGNED }],
        drainMs: { '/zdd/blue': 5 },
      },
    },
    freeze: { untilMs: 9, ...SIGNED },
  },
  leases: [{ service: '*:10080', by: 'ada', why: 'deploys', untilMs: 9 }],
  fleet: {
    instances: [
      {
        ...{ name: 'two', url: 'http://10.0.0.2:9090', facts: facts('two'), answeredAtMs: 1 },
        ...{ silentSinceMs: 0, error: '', isSelf: true, state: 'fine', notes: [] },
      },
      {
        ...{ name: 'dead', url: 'http://10.0.0.3:9090', facts: null, answeredAtMs: 0 },
        ...{ silentSinceMs: 5, error: 'gone', isSelf: false, state: 'silent', notes: ['gone'] },
      },
    ],
    disagreements: [
      { service: '*:10080', sinceMs: 1, says: [{ what: '/zdd/blue', instances: ['two'] }] },
    ],
    faults: ['no such name'],
  },
});

/** No field may be answered that the schema does not name. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, one]) => [key, strict(one)]));
  return 'properties' in inner && 'required' in inner
    ? { ...inner, additionalProperties: false }
    : inner;
}

describe('the schema of the API', () => {
  const running: Admin[] = [];
  const ajv = new Ajv({ strict: true, allowUnionTypes: true });

  beforeAll(async () => {
    for (const view of [SAMPLE, FULL]) {
      running.push(
        await startAdmin({
          address: '127.0.0.1',
          port: 0,
          view: async () => view,
          config: sampleFacts,
          signals: null,
          explain: (plan, question) => explain(plan, question, wayFinder(plan)),
          log: SILENT,
        }),
      );
    }
  });
  afterAll(() => Promise.all(running.map((admin) => admin.close())));

  async function read(path: string, place: number): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${running[place]?.port}${path}`);
    expect(response.status).toBe(200);
    return response.json();
  }

  it('is answered as it is', async () => {
    expect(await read('/_teal/schema', 0)).toEqual(JSON.parse(JSON.stringify(SCHEMAS)));
  });

  it.each([
    ...['/_teal', '/_teal/status', '/_teal/services', '/_teal/history', '/_teal/problems'],
    ...['/_teal/peers', '/_teal/plan', '/_teal/services/10080'],
    ...['/_teal/explain?url=http://127.0.0.1:10080/', '/_teal/explain?url=http://nobody/'],
    '/_teal/explain?url=http://www.shop.example.com/',
  ])('names every field of %s, and its type', async (path) => {
    const named = path.replace(/\?.*/, '').replace('services/10080', 'services/NAME');
    const validate = ajv.compile(strict(SCHEMAS[named]) as object);
    for (const place of running.keys()) {
      validate(await read(path, place));
      expect(validate.errors).toBe(null);
    }
  });

  it('names every field of what is ordered', () => {
    const { epoch, orders, leases } = FULL;
    const validate = ajv.compile(strict(SCHEMAS['/_teal/orders']) as object);
    validate(JSON.parse(JSON.stringify({ epoch, orders, leases })));
    expect(validate.errors).toBe(null);
  });
});
