// What has been read so far of one port's templates. Readers of directives write into it.

import type { BalanceSpec } from '../balance.ts';
import type { Mode } from '../claim.ts';
import {
  NO_TIMEOUTS,
  type RequestAction,
  type RequestRule,
  type ResponseAction,
  type ResponseRule,
  type TimeoutsSpec,
} from '../policy.ts';
import { AccessLists } from './conditions.ts';
import type { CheckChange, RoutePattern, ServerChange, Told } from './directives.ts';
import { conditionOf, isRate, type Logic, sizeOf, type Term } from './logic.ts';
import { asWritten, placeholderIn } from './placeholders.ts';
import { Rates } from './rates.ts';
import { refuse } from './refusal.ts';
import type { Section } from './templates.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const MAX_DIRECTIVE_LENGTH = 200;
const MAX_REASON_LENGTH = 400;
/** Of all conditions of a port. */
const MOST_VALUES = 20_000;

const SCOPES: Readonly<Record<Section, RequestRule['scope']>> = {
  global: 'everywhere',
  backend: 'everywhere',
  frontend: 'entrance',
  http: 'http',
  https: 'https',
  appid: 'appid',
};

/**
 * When HAProxy evaluates what a directive says, whatever the order in the text: all of a phase before all
 * of the next. What is not named is of the second.
 */
const PHASES: Readonly<Record<string, number>> = {
  monitor: -2,
  'monitor-uri': -1,
  block: 0,
  'tcp-request': 0,
  redirect: 3,
  use_backend: 4,
  rspadd: 3,
};
const OLD_REWRITE = /^(?:req|rsp)/;

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
  /** What `monitor-uri` looks at, by section. */
  readonly monitors = new Map<Section, Logic>();
  readonly allowedNetworks: string[] = [];
  readonly timeouts: Writable<TimeoutsSpec> = { ...NO_TIMEOUTS };
  readonly server: Writable<ServerChange> = {
    host: '',
    port: 0,
    weight: null,
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
  readonly routes: RoutePattern[] = [];
  readonly errorFiles = new Map<number, string>();
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

/** One line while it is read: where it stands, and what is told of it. */
export class Directive {
  readonly draft: Draft;
  readonly section: Section;
  readonly template: string;
  readonly #line: number;
  readonly #phase: number;
  readonly #isOwn: boolean;

  constructor(
    draft: Draft,
    section: Section,
    template: string,
    line: number,
    words: readonly string[] = [],
  ) {
    const [word = ''] = words;
    this.draft = draft;
    this.section = section;
    this.template = template;
    this.#line = line;
    this.#phase = (Object.hasOwn(PHASES, word) ? PHASES[word] : undefined) ?? phaseOf(word);
    this.#isOwn = isOwn(words);
  }

  /** What the words behind `if` or `unless` come to, by the ACLs of the section. */
  condition(words: readonly string[]): Logic {
    return this.draft.lists(this.section).read(words);
  }

  /** Adds a rule; one whose condition never holds is none. */
  onRequest(action: RequestAction, when: Logic): void {
    const asked = this.#isShared() ? withoutRoute(when) : when;
    if (asked.length === 0) return;
    const rule = { when: conditionOf(asked), action, scope: SCOPES[this.section] };
    this.draft.grow(sizeOf(rule.when));
    this.draft.request.push(this.#placed(rule));
  }

  onResponse(action: ResponseAction, when: Logic): void {
    const asked = this.#isShared() ? withoutRoute(when) : when;
    if (asked.length === 0) return;
    const rule = { when: conditionOf(asked), action };
    this.draft.grow(sizeOf(rule.when));
    this.draft.response.push(this.#placed(rule));
  }

  ignore(words: readonly string[], reason: string): void {
    this.draft.ignored.push(this.#told(words, reason));
  }

  understand(words: readonly string[], note: string): void {
    this.draft.understood.push(this.#told(words, note));
  }

  #isShared(): boolean {
    return this.section === 'http' || this.section === 'https';
  }

  #placed<Rule>(rule: Rule): Placed<Rule> {
    return { rule, phase: this.#phase, section: this.section, isOwn: this.#isOwn };
  }

  #told(words: readonly string[], reason: string): Told {
    const directive = asWritten(words.join(' ')).slice(0, MAX_DIRECTIVE_LENGTH);
    return {
      template: this.template,
      line: this.#line,
      directive,
      reason: asWritten(reason).slice(0, MAX_REASON_LENGTH),
    };
  }
}

/** Carries a directive out by its words, of which the first is its own; a note if there is one. */
export type Reader = (words: readonly string[], directive: Directive) => string | undefined;

function phaseOf(word: string): number {
  return OLD_REWRITE.test(word) ? 2 : 1;
}

/** The fields of `BACKEND_HTTP_OPTIONS` as it is by default, in the ways it is written. */
function isOwn(words: readonly string[]): boolean {
  return (
    /^http-request set-header X-Forwarded-Port %\[dst_port\]$/i.test(words.join(' ')) ||
    /^(?:http-request (?:set|add)-header X-Forwarded-Proto|reqadd X-Forwarded-Proto:) https if \{ ssl_fc \}$/i.test(
      words.join(' '),
    )
  );
}

/**
 * Without what has led to the service: rules are asked only for requests that have come to it. A host or
 * path that is not the service's cannot be seen here.
 */
function withoutRoute(when: Logic): Logic {
  return when.flatMap((tests) => {
    if (tests.some((test) => isRoute(test) && !isRate(test) && test.negated)) return [];
    return [tests.filter((test) => !isRoute(test))];
  });
}

function isRoute(term: Term): boolean {
  if (isRate(term) || term.values.length !== 1) return false;
  return /^(?:hostname|path)$/.test(placeholderIn(term.values[0] ?? ''));
}
