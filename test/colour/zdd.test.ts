import { describe, expect, it } from 'vitest';
import { Cluster } from './zdd-model.ts';

/** Six of blue serve; zdd has just made the first of green. */
function deploying(): Cluster {
  const cluster = new Cluster(6);
  cluster.scale(cluster.blue, 6);
  cluster.blue.scaledAt = 1_000;
  cluster.scale(cluster.green, 1);
  return cluster;
}

const sizes = ({ blue, green }: Cluster): [number, number] => [
  blue.tasks.length,
  green.tasks.length,
];

function keepBusy(cluster: Cluster, of: 'blue' | 'green', places: readonly number[]): void {
  for (const place of places) cluster.busy.add(cluster[of].tasks[place] as string);
}

describe('a deployment by zdd comes to its end', () => {
  it('when all are idle, step by step', () => {
    const cluster = deploying();
    expect([...cluster.rows().values()].filter(Boolean)).toHaveLength(1);
    expect(cluster.deploy({ fresh: cluster.green, old: cluster.blue })).not.toBeNull();
    expect(sizes(cluster)).toEqual([0, 6]);
  });

  it.each([0, 2, 5])('when the old task %i is busy for ever', (place) => {
    const cluster = deploying();
    keepBusy(cluster, 'blue', [place]);
    expect(cluster.deploy({ fresh: cluster.green, old: cluster.blue })).not.toBeNull();
    expect(sizes(cluster)).toEqual([0, 6]);
  });

  it('when a hybrid is completed, with a busy old task', () => {
    const cluster = deploying();
    keepBusy(cluster, 'blue', [5]);
    const { blue, green } = cluster;
    expect(cluster.deploy({ fresh: green, old: blue, newInstances: 2 })).not.toBeNull();
    expect(sizes(cluster)).toEqual([4, 2]);
    expect(cluster.deploy({ fresh: green, old: blue })).not.toBeNull();
    expect(sizes(cluster)).toEqual([0, 6]);
  });

  it.each([
    [2, [0]],
    [4, [0, 1]],
  ])('when a hybrid of %i is taken back, with busy tasks', (newInstances, busy) => {
    const cluster = deploying();
    const { blue, green } = cluster;
    expect(cluster.deploy({ fresh: green, old: blue, newInstances })).not.toBeNull();
    keepBusy(cluster, 'green', busy);
    expect(cluster.deploy({ fresh: blue, old: green })).not.toBeNull();
    expect(sizes(cluster)).toEqual([6, 0]);
  });

  it('when a deploy that stopped half-way is taken back, with a busy task', () => {
    const cluster = deploying();
    const { blue, green } = cluster;
    cluster.kill(blue, blue.tasks.slice(0, 3));
    cluster.scale(green, 3);
    keepBusy(cluster, 'green', [0]);
    expect(cluster.deploy({ fresh: blue, old: green })).not.toBeNull();
    expect(sizes(cluster)).toEqual([6, 0]);
  });

  it('and never are fewer than the target left, whatever stage it is in', () => {
    for (let old = 0; old <= 6; old += 1) {
      for (let fresh = 0; fresh <= 6; fresh += 1) {
        for (const last of ['blue', 'green'] as const) {
          const cluster = new Cluster(6);
          cluster.scale(cluster.blue, old);
          cluster.scale(cluster.green, fresh);
          cluster.scale(cluster[last], cluster[last].tasks.length);
          const left = [...cluster.rows().values()].filter((drained) => !drained).length;
          expect(left).toBeGreaterThanOrEqual(Math.min(6, old + fresh));
        }
      }
    }
  });
});
