// Several instances of Teal side by side: who does not answer, who is behind, and which services they
// disagree about. Pure: from what each said last. Epochs count for one instance only, so an instance is
// behind when its own workers are, or when its knowledge of Marathon is old.

import type { Share } from '../plan/plan.ts';
import { count, duration } from './wording.ts';

/** What an instance says of itself. Times are of its own clock, ms since 1970. */
export interface InstanceFacts {
  /** Made anew by every process. */
  readonly id: string;
  readonly version: string;
  readonly node: string;
  readonly pid: number;
  readonly nowMs: number;
  readonly startedAtMs: number;
  /** As `/readyz` says it; empty while ready. */
  readonly notReady: string;
  readonly epoch: number;
  readonly workers: number;
  /** Workers that serve by another epoch. */
  readonly workersBehind: number;
  /** The event stream is open. */
  readonly streaming: boolean;
  /** Marathon's last accepted answer; 0 = never. */
  readonly lastAnswerAtMs: number;
  /** An answer is held back because it would empty the pools. */
  readonly held: boolean;
  /** Groups it serves: only instances of the same ones are expected to have the same services. */
  readonly groups: readonly string[];
  readonly problems: number;
  readonly services: readonly LiveFacts[];
}

export interface LiveFacts {
  /** Service key, `*:10080`; an instance's own `--bind` address is `*`, too. */
  readonly key: string;
  /** App id; null = nothing is live. */
  readonly live: string | null;
  /** Empty = all requests are for the live one. */
  readonly shares: readonly Share[];
}

/** A configured peer, as it was found last. */
export interface PeerLook {
  readonly name: string;
  /** Base URL of its stats port. */
  readonly url: string;
  /** What it said last; null = it never has. */
  readonly facts: InstanceFacts | null;
  /** When it said that, by our clock; 0 = never. */
  readonly answeredAtMs: number;
  /** Since when it has not answered; 0 = it does, or was not asked yet. */
  readonly silentSinceMs: number;
  /** Why it does not answer, one clause; empty = it does. */
  readonly error: string;
}

/** `same`: a second name of an instance that stands in the list already. */
export type InstanceState =
  | 'fine'
  | 'behind'
  | 'not-ready'
  | 'silent'
  | 'answers-wrong'
  | 'unasked'
  | 'same';

export interface Instance extends PeerLook {
  /** It is this one; its name and URL are empty when it is none of its own peers. */
  readonly isSelf: boolean;
  readonly state: InstanceState;
  /** Why it is not `fine`, one clause each. */
  readonly notes: readonly string[];
}

export interface Disagreement {
  /** Service key. */
  readonly service: string;
  /** First seen. */
  readonly sinceMs: number;
  /** What is said, and by whom; the most frequent first. */
  readonly says: readonly { readonly what: string; readonly instances: readonly string[] }[];
}

export interface FleetView {
  /** This one first, then by name. */
  readonly instances: readonly Instance[];
  readonly disagreements: readonly Disagreement[];
  /** Peers that could not be found, one line each. */
  readonly faults: readonly string[];
}

export const NO_FLEET: FleetView = Object.freeze({ instances: [], disagreements: [], faults: [] });

/** Three whole resynchronisations: whatever follows Marathon has failed. */
export const STALE_ANSWER_MS = 180_000;
/** A look is a second old at most, and a cut-over is put in force on one instance after the other. */
const SETTLED_MS = 3_000;
const MAX_CLOCK_SKEW_MS = 5_000;
const MISSING = 'does not serve it';

/** `before`: the disagreements that were found last, for their age. */
export function compareInstances(
  self: InstanceFacts,
  looks: readonly PeerLook[],
  before: readonly Disagreement[],
  nowMs: number,
): Pick<FleetView, 'instances' | 'disagreements'> {
  const instances = instancesOf(self, looks, nowMs);
  return { instances, disagreements: disagreementsOf(instances, before, nowMs) };
}

/** A cut-over reaches one instance after the other: not yet a disagreement. */
export function settledDisagreements(
  { disagreements }: Pick<FleetView, 'disagreements'>,
  nowMs: number,
): readonly Disagreement[] {
  return disagreements.filter(({ sinceMs }) => nowMs - sinceMs >= SETTLED_MS);
}

/** What an instance is called in a sentence. */
export function nameOf({ name, facts, isSelf }: Instance): string {
  return name || (isSelf ? `this one (${facts?.node ?? ''})` : '');
}

/** Where the requests of a service go: the live app, or the apps and their percents. */
export function wayOf({ live, shares }: LiveFacts): string {
  if (shares.length === 0) return live ?? 'nothing';
  return shares.map(({ appId, percent }) => `${percent} % ${appId}`).join(', ');
}

function instancesOf(self: InstanceFacts, looks: readonly PeerLook[], nowMs: number): Instance[] {
  const sorted = [...looks].sort((a, b) => (a.name < b.name ? -1 : 1));
  const own = sorted.find(({ facts }) => facts?.id === self.id);
  const seen = new Set([self.id]);
  const first = instanceOf(
    {
      ...{ name: own?.name ?? '', url: own?.url ?? '' },
      ...{ facts: self, answeredAtMs: nowMs, silentSinceMs: 0, error: '' },
    },
    true,
  );
  const others = sorted
    .filter((look) => look !== own)
    .map((look): Instance => {
      const id = look.facts?.id ?? '';
      const isKnown = look.silentSinceMs === 0 && id !== '' && seen.has(id);
      seen.add(id);
      return isKnown
        ? { ...look, isSelf: false, state: 'same', notes: ['another name of one above'] }
        : instanceOf(look, false);
    });
  return [first, ...others];
}

function instanceOf(look: PeerLook, isSelf: boolean): Instance {
  const { facts, silentSinceMs, error } = look;
  if (silentSinceMs > 0) return { ...look, isSelf, state: 'silent', notes: [error] };
  if (error !== '') return { ...look, isSelf, state: 'answers-wrong', notes: [error] };
  if (facts === null) return { ...look, isSelf, state: 'unasked', notes: [] };
  const notes = notesOf(look, facts);
  if (facts.notReady !== '') {
    return { ...look, isSelf, state: 'not-ready', notes: [facts.notReady, ...notes] };
  }
  return { ...look, isSelf, state: notes.length === 0 ? 'fine' : 'behind', notes };
}

function notesOf({ answeredAtMs }: PeerLook, facts: InstanceFacts): string[] {
  const { nowMs, lastAnswerAtMs, workers, workersBehind, held } = facts;
  const notes: string[] = [];
  if (workers === 0) notes.push('no worker serves');
  if (workersBehind > 0) {
    notes.push(`${workersBehind} of ${count(workers, 'worker')} serve by another epoch`);
  }
  if (lastAnswerAtMs > 0 && nowMs - lastAnswerAtMs > STALE_ANSWER_MS) {
    notes.push(`what it knows of Marathon is ${duration(nowMs - lastAnswerAtMs)} old`);
  }
  if (held) notes.push("Marathon's last answer is held back");
  const skewMs = nowMs - answeredAtMs;
  if (Math.abs(skewMs) > MAX_CLOCK_SKEW_MS) {
    notes.push(
      `its clock is ${duration(Math.abs(skewMs))} ${skewMs > 0 ? 'ahead' : 'behind'} of ours`,
    );
  }
  return notes;
}

function disagreementsOf(
  instances: readonly Instance[],
  before: readonly Disagreement[],
  nowMs: number,
): Disagreement[] {
  const since = new Map(before.map(({ service, sinceMs }) => [service, sinceMs]));
  const speakers = instances.flatMap((instance) => {
    const { facts, state } = instance;
    if (facts === null || ['silent', 'answers-wrong', 'same'].includes(state)) return [];
    const ways = new Map(facts.services.map((one) => [one.key, wayOf(one)]));
    const groups = [...facts.groups].sort().join(' ');
    return [{ name: nameOf(instance), ways, groups, isReady: facts.notReady === '' }];
  });
  const keys = new Set(speakers.flatMap(({ ways }) => [...ways.keys()]));
  return [...keys].sort().flatMap((service) => {
    const owners = new Set(
      speakers.filter(({ ways }) => ways.has(service)).map(({ groups }) => groups),
    );
    const says = new Map<string, string[]>();
    for (const { name, ways, groups, isReady } of speakers) {
      const way = ways.get(service) ?? (isReady && owners.has(groups) ? MISSING : null);
      if (way !== null) says.set(way, [...(says.get(way) ?? []), name]);
    }
    if (says.size < 2) return [];
    const sorted = [...says].sort(([, a], [, b]) => b.length - a.length);
    return {
      service,
      sinceMs: since.get(service) ?? nowMs,
      says: sorted.map(([what, names]) => ({ what, instances: names })),
    };
  });
}
