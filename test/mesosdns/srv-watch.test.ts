import { afterEach, describe, expect, it, vi } from 'vitest';
import { SILENT } from '../../src/log/logger.ts';
import { Resolvers } from '../../src/mesosdns/resolvers.ts';
import { LookupError, type SrvAnswer, type SrvResolver } from '../../src/mesosdns/srv.ts';
import { SrvWatch } from '../../src/mesosdns/srv-watch.ts';

const NAME = '_blue._tcp.marathon.mesos';
const KEEP_MS = 30_000;

/** Answers, or fails, as the test has said last. */
class Oracle implements SrvResolver {
  readonly name = 'oracle';
  asked = 0;
  answer: SrvAnswer | LookupError = of();
  closed = false;

  async lookup(): Promise<SrvAnswer> {
    this.asked += 1;
    if (this.answer instanceof LookupError) throw this.answer;
    return this.answer;
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

function of(...ports: number[]): SrvAnswer {
  const targets = ports.map((port) => ({
    host: 'a.test',
    address: '127.0.0.1',
    port,
    priority: 0,
    weight: 1,
  }));
  return { targets, ttlSeconds: 10 };
}

describe('watched SRV names', () => {
  const oracle = new Oracle();
  let changes = 0;
  let watch: SrvWatch;

  async function begin(answer: SrvAnswer | LookupError): Promise<void> {
    vi.useFakeTimers();
    oracle.answer = answer;
    oracle.asked = 0;
    changes = 0;
    watch = new SrvWatch(new Resolvers([oracle]), { keepMs: KEEP_MS }, SILENT, () => {
      changes += 1;
    });
    watch.watch(new Set([NAME]));
    await vi.advanceTimersByTimeAsync(0);
  }

  afterEach(async () => {
    await watch.stop();
    vi.useRealTimers();
  });

  const ports = (): number[] | undefined => watch.states.get(NAME)?.targets.map((one) => one.port);

  it('are asked for again when their TTL is over, and tell of changes only', async () => {
    await begin(of(1, 2));
    expect(ports()).toEqual([1, 2]);
    await vi.advanceTimersByTimeAsync(9_999);
    expect(oracle.asked).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect([oracle.asked, changes]).toEqual([2, 1]);
    oracle.answer = of(2, 3);
    await vi.advanceTimersByTimeAsync(10_000);
    expect([ports(), changes]).toEqual([[2, 3], 2]);
  });

  it('keep their servers when nobody answers, and say why', async () => {
    await begin(of(1));
    oracle.answer = new LookupError('no answer within 2000 ms');
    await vi.advanceTimersByTimeAsync(100_000);
    expect(ports()).toEqual([1]);
    expect(watch.states.get(NAME)?.error).toContain('no answer within 2000 ms');
    oracle.answer = of(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(watch.states.get(NAME)?.error).toBe('');
    expect(changes).toBe(1);
  });

  it('keep their servers for a bounded time when they are suddenly empty', async () => {
    await begin(of(1));
    oracle.answer = of();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ports()).toEqual([1]);
    expect(watch.states.get(NAME)?.heldSinceMs).toBeGreaterThan(0);
    await vi.advanceTimersByTimeAsync(KEEP_MS);
    expect([ports(), changes]).toEqual([[], 2]);
    expect(watch.states.get(NAME)?.heldSinceMs).toBe(0);
  });

  it('are believed at once when servers come back in the meantime', async () => {
    await begin(of(1));
    oracle.answer = of();
    await vi.advanceTimersByTimeAsync(10_000);
    oracle.answer = of(4);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(ports()).toEqual([4]);
    await vi.advanceTimersByTimeAsync(KEEP_MS * 2);
    expect(ports()).toEqual([4]);
  });

  it('are forgotten when nobody wants them, and all ends with stop', async () => {
    await begin(of(1));
    watch.watch(new Set());
    await vi.advanceTimersByTimeAsync(100_000);
    expect([oracle.asked, watch.states.size]).toEqual([1, 0]);
    await watch.stop();
    expect(oracle.closed).toBe(true);
    watch.watch(new Set([NAME]));
    await vi.advanceTimersByTimeAsync(100_000);
    expect(oracle.asked).toBe(1);
  });
});
