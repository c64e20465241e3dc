import { describe, expect, it } from 'vitest';
import type { HealthCheck } from '../../../src/embedded/marathon/app-definition.ts';
import {
  type CheckHealth,
  isAlive,
  isHealthy,
  type ProbeResult,
  record,
} from '../../../src/embedded/marathon/check-health.ts';

const CHECK: HealthCheck = {
  gracePeriodSeconds: 10,
  intervalSeconds: 1,
  ipProtocol: 'IPv4',
  maxConsecutiveFailures: 2,
  protocol: 'HTTP',
  timeoutSeconds: 1,
  delaySeconds: 0,
};
const good: ProbeResult = { outcome: 'alive' };
const bad: ProbeResult = { outcome: 'failed', cause: '500 Internal Server Error' };

/** Feeds results at the given seconds after the task began to run; tells the last verdict. */
function fed(results: readonly [number, ProbeResult][], check = CHECK) {
  let health: CheckHealth | null = null;
  let last = { alive: false, kill: false, failures: 0 };
  for (const [second, result] of results) {
    const verdict = record(health, result, check, 1000, 1000 + second * 1000);
    health = verdict.health;
    last = {
      alive: isAlive(health),
      kill: verdict.kill,
      failures: health.consecutiveFailures,
    };
  }
  return last;
}

describe('a health check', () => {
  it.each<[string, readonly [number, ProbeResult][], object]>([
    ['is alive after its first success', [[1, good]], { alive: true, kill: false, failures: 0 }],
    [
      'forgives failures in the grace period',
      [
        [1, bad],
        [2, bad],
        [3, bad],
        [9, bad],
      ],
      { alive: false, kill: false, failures: 0 },
    ],
    [
      'counts failures after the grace period',
      [
        [11, bad],
        [12, bad],
      ],
      { alive: false, kill: false, failures: 2 },
    ],
    [
      'kills on the failure after the limit',
      [
        [11, bad],
        [12, bad],
        [13, bad],
      ],
      { alive: false, kill: true, failures: 3 },
    ],
    [
      'knows no grace after the first success',
      [
        [1, good],
        [2, bad],
      ],
      { alive: false, kill: false, failures: 1 },
    ],
    [
      'is alive again after one success',
      [
        [1, good],
        [2, bad],
        [3, good],
      ],
      { alive: true, kill: false, failures: 0 },
    ],
    [
      'starts counting anew after a success',
      [
        [1, good],
        [2, bad],
        [3, bad],
        [4, good],
        [5, bad],
      ],
      { alive: false, kill: false, failures: 1 },
    ],
    [
      'counts a success in the same millisecond as the later one',
      [
        [1, good],
        [2, bad],
        [2, good],
      ],
      { alive: true, kill: false, failures: 0 },
    ],
    [
      'takes an ignored answer as none',
      [
        [1, good],
        [2, { outcome: 'ignored' }],
      ],
      { alive: true, kill: false, failures: 0 },
    ],
  ])('%s', (_title, results, expected) => expect(fed(results)).toEqual(expected));

  it('never kills with a limit of 0', () => {
    const results = Array.from({ length: 20 }, (_, index): [number, ProbeResult] => [
      11 + index,
      bad,
    ]);
    expect(fed(results, { ...CHECK, maxConsecutiveFailures: 0 }).kill).toBe(false);
  });

  it('of Mesos kills on the failure that reaches the limit, even a limit of 0', () => {
    const command: HealthCheck = { ...CHECK, protocol: 'COMMAND' };
    expect(fed([[11, bad]], command).kill).toBe(false);
    expect(
      fed(
        [
          [11, bad],
          [12, bad],
        ],
        command,
      ).kill,
    ).toBe(true);
    expect(fed([[11, bad]], { ...command, maxConsecutiveFailures: 0 }).kill).toBe(true);
  });
});

describe('an instance', () => {
  const alive = record(null, good, CHECK, 0, 1).health;
  const dead = record(alive, bad, CHECK, 0, 2).health;
  it.each<[string, readonly (CheckHealth | null)[], number, boolean | null]>([
    ['without checks has no health', [], 0, null],
    ['is unknown until every check has a result', [alive, null], 2, null],
    ['is healthy when every check is alive', [alive, alive], 2, true],
    ['is not when one is not', [alive, dead], 2, false],
  ])('%s', (_title, results, checks, expected) =>
    expect(isHealthy(results, checks)).toBe(expected),
  );
});
