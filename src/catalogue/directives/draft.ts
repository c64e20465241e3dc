// What has been read so far of one port's templates. Readers of directives write into it.

import type { BalanceSpec } from '../balance.ts';
import type { Mode } from '../claim.ts';
import {
  type ForwardedForSpec,
  NO_TIMEOUTS,
  type RequestRule,
  type ResponseRule,
  type TimeoutsSpec,
} from '../policy.ts';
import { AccessLists } from './conditions.ts';
import type { CheckChange, RoutePattern, ServerChange, Told } from './directives.ts';
import type { Logic } from './logic.ts';
import { Rates } from './rates.ts';
import { refuse } from './refusal.ts';
import type { Section } from './templates.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Of all conditions of a port. */
const MOST_VALUES = 20_000;

/** A rule and its place among the others. */
export interface Placed<Rule> {
  readonly rule: Rule;
  readonly phase: number;
  readonly section: Section;
  /** Says what Teal does anyway: needed only where other rules of the port touch the same fields. */
  readonly isOwn: boolean;
}

export class Draft {
  readonly request: Placed<RequestRule>[] = [];
  readonly response: Placed<ResponseRule>[] = [];
  /** Who has been let in, by section and kind of rules. */
  readonly allowed = new Map<string, Logic>();
  /** What `monitor-uri` looks at, by section. */
  readonly monitors = new Map<Section, Logic>();
  readonly allowedNetworks: string[] = [];
  readonly timeouts: Writable<TimeoutsSpec> = { ...NO_TIMEOUTS };
  readonly server: Writable<ServerChange> = {
    host: '',
    port: 0,
    maxConnections: 0,
    slowStartMs: 0,
    sendProxy: 0,
    tls: null,
  };
  readonly check: Writable<CheckChange> = {
    kind: null,
    method: '',
    path: '',
    host: '',
    statuses: [],
    port: 0,
    intervalMs: 0,
    timeoutMs: 0,
    rise: 0,
    fall: 0,
    encrypted: false,
  };
  /** By listener. */
  readonly routes = new Map<Section, RoutePattern[]>();
  readonly errorFiles = new Map<number, string>();
  /** By the section that says it. */
  readonly forwardedFor = new Map<Section, ForwardedForSpec>();
  readonly compressionTypes: string[] = [];
  readonly rates = new Rates();
  readonly understood: Told[] = [];
  readonly ignored: Told[] = [];
  compressionAlgorithms: ('gzip' | 'deflate')[] | null = null;
  balance: BalanceSpec | null = null;
  mode: Mode | null = null;
  bindAddress = '';
  bindOptions: string[] = [];
  bindsServicePort = true;
  closesServers: boolean | null = null;
  logged: 'all' | 'errors' | null = null;
  readonly #lists = new Map<Section, AccessLists>();
  #size = 0;

  /** The ACLs of a section, which are not seen by others. */
  lists(section: Section): AccessLists {
    const lists = this.#lists.get(section) ?? new AccessLists();
    this.#lists.set(section, lists);
    return lists;
  }

  /** Makes room for a rule. Lists that are named once can be in every rule, and all of it is sent. */
  grow(size: number): void {
    if (this.#size + size > MOST_VALUES) refuse('expected fewer rules and shorter lists');
    this.#size += size;
  }
}
