// Addresses and ports that claims ask for, and what was made of each: kept from plan to plan, and
// worked on where claims came or went.

import type { Claim } from '../catalogue/claim.ts';
import { listChanges } from '../catalogue/list-changes.ts';
import type { Problem } from '../catalogue/problem.ts';
import { compare } from '../catalogue/sorted.ts';
import type { ListenerSpec, ServiceSpec } from './plan.ts';

/** A service with the listener that leads to it. */
export interface Made {
  readonly service: ServiceSpec;
  /** Null where nothing listens on its port. */
  readonly listener: ListenerSpec | null;
  /** Whose definition the listener and the routes follow. */
  readonly claim: Claim;
}

export interface Place {
  readonly key: string;
  readonly address: string;
  readonly port: number;
  /** All that ask for it. */
  claims: readonly Claim[];
  /** Those that get it, as far as its own port goes: colours of each other. */
  colours: readonly Claim[];
  /** Told of the others. */
  problems: readonly Problem[];
  /** Told when it overlaps with another place that has precedence; null = it does not. */
  refusal: readonly Problem[] | null;
  /** App ids of its http colours or of their groups. */
  ids: readonly string[];
  /** Those of them that lead here from the app id listener. */
  appIds: readonly string[];
  /** Null when nobody gets it. */
  made: Made | null;
}

/** True if there is to be a service. */
export function isGranted({ colours, refusal }: Place): boolean {
  return colours.length > 0 && refusal === null;
}

export class Places {
  readonly #bindAddress: string;
  readonly #byKey = new Map<string, Place>();
  readonly #told = new Set<Place>();
  #claims: readonly Claim[] = [];
  #sorted: readonly Place[] = [];
  /** Places with an address of their own: only they can overlap with others. */
  #apart = 0;
  #mayOverlap = false;

  /** `bindAddress`: of claims that ask for none. */
  constructor(bindAddress: string) {
    this.#bindAddress = bindAddress;
  }

  /** Sorted by key. */
  get all(): readonly Place[] {
    return this.#sorted;
  }

  /** Those with problems, sorted by key. */
  get told(): readonly Place[] {
    return [...this.#told].sort((a, b) => compare(a.key, b.key));
  }

  /** False = all are at one address, and were so in the last plan. */
  get mayOverlap(): boolean {
    return this.#mayOverlap;
  }

  /** The places whose claims are others than before; those without any are left out from now on. */
  take(claims: readonly Claim[]): ReadonlySet<Place> {
    const { removed, added } = listChanges(this.#claims, claims);
    this.#claims = claims;
    const touched = new Set<Place>();
    const places = this.#byKey.size;
    const wasApart = this.#apart > 0;
    for (const claim of removed) {
      const place = this.#placeOf(claim);
      place.claims = place.claims.filter((one) => one !== claim);
      touched.add(place);
    }
    for (const claim of added) {
      const place = this.#placeOf(claim);
      place.claims = [...place.claims, claim];
      touched.add(place);
    }
    let gone = 0;
    for (const place of touched) {
      if (place.claims.length > 0) continue;
      this.#byKey.delete(place.key);
      if (place.address !== this.#bindAddress) this.#apart -= 1;
      gone += 1;
    }
    this.#mayOverlap = wasApart || this.#apart > 0;
    if (gone > 0 || this.#byKey.size !== places) {
      this.#sorted = [...this.#byKey.values()].sort((a, b) => compare(a.key, b.key));
    }
    return touched;
  }

  /** To be told of each place whose problems may be others. */
  tell(place: Place): void {
    if (place.problems.length > 0) this.#told.add(place);
    else this.#told.delete(place);
  }

  #placeOf({ bindAddress, servicePort: port }: Claim): Place {
    const address = bindAddress === '*' ? this.#bindAddress : bindAddress;
    const key = `${address}:${port}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const place: Place = {
      key,
      address,
      port,
      claims: [],
      colours: [],
      problems: [],
      refusal: null,
      ids: [],
      appIds: [],
      made: null,
    };
    this.#byKey.set(key, place);
    if (address !== this.#bindAddress) this.#apart += 1;
    return place;
  }
}
