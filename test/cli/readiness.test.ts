import { describe, expect, it } from 'vitest';
import { type Knowledge, notReadyReason } from '../../src/cli/readiness.ts';
import { sampleView } from '../stats/sample-view.ts';

const NOW_MS = 1_000_000_000;
const FRESH: Knowledge = {
  source: { ...sampleView().source, lastAnswerAtMs: NOW_MS - 60_000, error: '' },
  hasServed: true,
  stopping: false,
  maxAgeMs: 0,
  startedAtMs: NOW_MS - 600_000,
};

describe('whether a balancer should get traffic', () => {
  const answered = (agoMs: number) => ({
    source: { ...FRESH.source, lastAnswerAtMs: agoMs === 0 ? 0 : NOW_MS - agoMs },
  });
  it.each<[string, Partial<Knowledge>, string]>([
    ['a list is in force', {}, ''],
    ['no age is too old where none is given', answered(86_400_000), ''],
    ['the last answer is as old as allowed', { ...answered(60_000), maxAgeMs: 60_000 }, ''],
    [
      'the last answer is too old',
      { ...answered(60_001), maxAgeMs: 60_000 },
      'Marathon answered last 60 s ago, 60 s are allowed',
    ],
    [
      'Marathon has never answered, a saved list serves too long',
      { ...answered(0), maxAgeMs: 60_000 },
      'Marathon has not answered since the start 600 s ago, 60 s are allowed',
    ],
    ['nothing is in force', { hasServed: false }, 'no app list is in force yet'],
    [
      'nothing is in force because Marathon fails',
      { hasServed: false, source: { ...FRESH.source, error: 'http://m:8080: refused' } },
      'no app list is in force yet; http://m:8080: refused',
    ],
    ['it is ending', { stopping: true, hasServed: false }, 'draining, it is about to end'],
  ])('when %s', (_case, changes, reason) => {
    expect(notReadyReason({ ...FRESH, ...changes }, NOW_MS)).toBe(reason);
  });
});
