import { afterEach, describe, expect, it } from 'vitest';
import type { DeclaredService } from '../../src/catalogue/declared.ts';
import { SrvSource, type SrvSourceOptions } from '../../src/cli/srv-source.ts';
import { SILENT } from '../../src/log/logger.ts';
import { hashOf } from '../../src/mesosdns/names.ts';
import { Resolvers } from '../../src/mesosdns/resolvers.ts';
import type { SrvAnswer, SrvResolver } from '../../src/mesosdns/srv.ts';
import { app, task } from '../catalogue/apps.ts';

const SEARCH: DeclaredService = {
  name: 'search',
  port: 9_200,
  bindAddress: '*',
  mode: 'http',
  srv: '_search._tcp.elastic.mesos',
  servers: [],
  check: null,
  labels: {},
};
const BLUE = '_blue-zdd._tcp.marathon.slave.mesos';
const blue = app({ tasks: [task('zdd_blue.1')] });

/** Answers from a table. */
class Zone implements SrvResolver {
  readonly name = 'zone';
  readonly records = new Map<string, readonly { host: string; port: number }[]>();

  async lookup(name: string): Promise<SrvAnswer> {
    const targets = (this.records.get(name) ?? []).map(({ host, port }) => ({
      host,
      address: '127.0.3.1',
      port,
      priority: 0,
      weight: 1,
    }));
    return { targets, ttlSeconds: 60 };
  }

  async close(): Promise<void> {}
}

describe('joined sources', () => {
  const stopping: SrvSource[] = [];
  afterEach(async () => {
    await Promise.all(stopping.splice(0).map((one) => one.stop()));
  });

  /** A source whose next change can be awaited. */
  function sourceOf(zone: Zone, more: Partial<SrvSourceOptions> = {}) {
    let tell: () => void = () => {};
    const options = {
      services: [SEARCH],
      followsApps: true,
      naming: { framework: 'marathon', domain: 'mesos' },
      group: 'external',
      keepMs: 60_000,
      ...more,
    };
    const source = new SrvSource(options, new Resolvers([zone]), SILENT, () => tell());
    stopping.push(source);
    const changed = (): Promise<void> =>
      new Promise((resolve) => {
        tell = resolve;
      });
    return { source, changed };
  }

  it('add declared services to the apps, with servers as soon as they are known', async () => {
    const zone = new Zone();
    zone.records.set(SEARCH.srv, [{ host: 'search-abcde-s0.elastic.mesos', port: 9_201 }]);
    const { source, changed } = sourceOf(zone, { followsApps: false });
    const known = changed();
    expect(source.join([blue], 0).apps.map((one) => [one.id, one.tasks.length])).toEqual([
      ['/zdd/blue', 1],
      ['/search', 0],
    ]);
    await known;
    const joined = source.join([blue], 0);
    expect(joined.apps[0]).toBe(blue);
    expect(joined.apps[1]?.tasks.map((one) => one.ports[0])).toEqual([9_201]);
    expect(source.join([blue], 0).apps[1]).toBe(joined.apps[1]);
  });

  it('let known apps follow Mesos-DNS while Marathon is away, and no longer', async () => {
    const zone = new Zone();
    const kept = `blue-zdd-${hashOf('zdd_blue.1')}-s0.marathon.slave.mesos`;
    zone.records.set(BLUE, [
      { host: kept, port: 23_336 },
      { host: 'blue-zdd-zzzzz-s1.marathon.slave.mesos', port: 31_005 },
    ]);
    const { source, changed } = sourceOf(zone, { services: [] });
    const known = changed();
    expect(source.join([blue], 0).apps).toEqual([blue]);
    await known;
    expect(source.join([blue], 0).apps[0]).toBe(blue);
    source.marathonIs(false);
    const away = source.join([blue], 0);
    expect(away.apps[0]?.tasks.map((one) => one.ports[0])).toEqual([23_336, 31_005]);
    expect(away.problems).toMatchObject([{ app: '/zdd/blue', where: 'servers' }]);
    source.marathonIs(true);
    expect(source.join([blue], 0).apps[0]).toBe(blue);
  });

  it('tell of a declared name that has no server', async () => {
    const { source } = sourceOf(new Zone(), { followsApps: false });
    source.join([], 0);
    source.marathonIs(false);
    expect(source.away).toBe(false);
    // An empty answer changes nothing, so its arrival is seen by what is told.
    await expect
      .poll(() => source.join([], 0).problems.map((one) => [one.app, one.value]))
      .toEqual([['/search', SEARCH.srv]]);
  });
});
