// Consistent hashing: equal keys go to the same member, on every worker and every instance, and when
// one of n members comes or goes only about 1/n of the keys move. A key whose member is full goes to
// the next on the ring; requests without a key take turns.

import type { Balancer, Member } from './balancer.ts';
import { RoundRobin } from './round-robin.ts';

/** Points on the ring for each unit of weight, if the heaviest member has no more than MOST_POINTS. */
const POINTS = 128;
const MOST_POINTS = 1_024;
/** A point is one number: its hash, then which member it belongs to (fewer than this). */
const MEMBERS = 2 ** 20;

export class HashRing<M extends Member> implements Balancer<M> {
  readonly countsLoad = false;
  readonly #turns = new RoundRobin<M>((member) => member.share);
  #members: readonly M[] = [];
  /** Sorted; built by the first request that needs it. */
  #ring: Float64Array | null = null;
  #known: ReadonlySet<M> = new Set();
  readonly #free = new Set<M>();

  update(members: readonly M[]): void {
    this.#turns.update(members);
    this.#members = members.slice(0, MEMBERS);
    this.#known = new Set(this.#members);
    this.#ring = null;
    this.#free.clear();
    for (const member of this.#members) this.changed(member);
  }

  changed(member: M): void {
    this.#turns.changed(member);
    if (member.full) this.#free.delete(member);
    else if (this.#known.has(member)) this.#free.add(member);
  }

  pick(key: string, avoid: M | null): M | null {
    if (key === '') return this.#turns.pick(key, avoid);
    const free = this.#free.size - (avoid !== null && this.#free.has(avoid) ? 1 : 0);
    if (free === 0) return null;
    this.#ring ??= buildRing(this.#members);
    const ring = this.#ring;
    let at = placeOf(ring, hashOf(key));
    for (;;) {
      const member = this.#members[(ring[at] as number) % MEMBERS] as M;
      if (member !== avoid && this.#free.has(member)) return member;
      at = at + 1 === ring.length ? 0 : at + 1;
    }
  }
}

/**
 * The points of a member depend on itself and on the heaviest weight's order of magnitude only, and
 * with a coarser scale it keeps the first of them: others coming and going never move it.
 */
function buildRing(members: readonly Member[]): Float64Array {
  const heaviest = members.reduce((most, { weight }) => Math.max(most, weight), 1);
  let scale = POINTS;
  while (scale > 1 && scale * heaviest > MOST_POINTS) scale /= 2;
  const counts = members.map(({ weight }) => Math.max(1, Math.round(scale * weight)));
  const ring = new Float64Array(counts.reduce((sum, count) => sum + count, 0));
  let at = 0;
  members.forEach(({ id }, place) => {
    const seed = hashOf(id);
    const count = counts[place] as number;
    for (let i = 0; i < count; i += 1) {
      ring[at] = mix(seed + Math.imul(i, 0x9e3779b1)) * MEMBERS + place;
      at += 1;
    }
  });
  return ring.sort();
}

/** Place of the first point at or after `hash`, around the ring. */
function placeOf(ring: Float64Array, hash: number): number {
  const mark = hash * MEMBERS;
  let from = 0;
  let to = ring.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((ring[middle] as number) < mark) from = middle + 1;
    else to = middle;
  }
  return from === ring.length ? 0 : from;
}

/** 32 bits: FNV-1a, mixed because it leaves similar texts near each other. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return mix(hash);
}

/** The last steps of MurmurHash3: each bit of the result depends on each bit of `hash`. */
function mix(hash: number): number {
  let h = hash | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
