import { describe, expect, it } from 'vitest';
import { FreshView } from '../../src/admin/fresh-view.ts';
import type { View } from '../../src/stats/view.ts';
import { sampleView } from '../stats/sample-view.ts';

const VIEW = sampleView();

/** Gatherings that end when the test says so. */
function held() {
  const releases: (() => void)[] = [];
  const gather = (): Promise<View> =>
    new Promise((resolve) => {
      releases.push(() => resolve(VIEW));
    });
  return { gather, releases };
}

describe('a view gathered for a request', () => {
  it('is gathered anew each time, also for requests at the same time', async () => {
    const { gather, releases } = held();
    const fresh = new FreshView(gather, 10_000);
    const both = [fresh.get(), fresh.get()];
    expect(releases).toHaveLength(2);
    for (const release of releases) release();
    expect(await Promise.all(both)).toEqual([{ view: VIEW }, { view: VIEW }]);
  });

  it('that is late is waited for by the next request, and no other is begun beside it', async () => {
    const { gather, releases } = held();
    const fresh = new FreshView(gather, 10);
    expect(await fresh.get()).toBe('late');
    const next = fresh.get();
    releases[0]?.();
    expect(await next).toEqual({ view: VIEW });
    expect(releases).toHaveLength(1);
    const last = fresh.get();
    expect(releases).toHaveLength(2);
    releases[1]?.();
    expect(await last).toEqual({ view: VIEW });
  });

  it('that fails says why, thrown at once or later', async () => {
    const error = new Error('broken');
    const later = new FreshView(() => Promise.reject(error), 10_000);
    const atOnce = new FreshView(() => {
      throw error;
    }, 10_000);
    expect([await later.get(), await atOnce.get()]).toEqual([{ error }, { error }]);
  });
});
