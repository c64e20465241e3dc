// One line of a template while it is read: where it stands, what it adds, and what is told of it.

import type { RequestAction, RequestRule, ResponseAction } from '../policy.ts';
import type { Told } from './directives.ts';
import type { Draft, Placed } from './draft.ts';
import { both, conditionOf, either, type Logic, NEVER, not, sizeOf } from './logic.ts';
import { isOwnField } from './own-fields.ts';
import { phaseOf, rulesetOf } from './phases.ts';
import { asWritten } from './placeholders.ts';
import { withoutRoute } from './routes.ts';
import type { Section } from './templates.ts';

const MAX_DIRECTIVE_LENGTH = 200;
const MAX_REASON_LENGTH = 400;

const SCOPES: Readonly<Record<Section, RequestRule['scope']>> = {
  global: 'everywhere',
  backend: 'everywhere',
  frontend: 'entrance',
  http: 'http',
  https: 'https',
  appid: 'appid',
};

export class Directive {
  readonly draft: Draft;
  readonly section: Section;
  readonly template: string;
  readonly #line: number;
  readonly #phase: number;
  readonly #isOwn: boolean;
  /** Rules that an `allow` or `accept` among them ends. */
  readonly #ruleset: string;

  constructor(
    draft: Draft,
    section: Section,
    template: string,
    line: number,
    words: readonly string[] = [],
  ) {
    this.draft = draft;
    this.section = section;
    this.template = template;
    this.#line = line;
    this.#phase = phaseOf(words);
    this.#isOwn = isOwnField(words);
    this.#ruleset = `${section} ${rulesetOf(words)}`;
  }

  /** What the words behind `if` or `unless` come to, by the ACLs of the section. */
  condition(words: readonly string[]): Logic {
    return this.draft.lists(this.section).read(words);
  }

  /** What is left of a condition after those who have been let in. */
  asked(when: Logic): Logic {
    const unrouted = this.#isShared() ? withoutRoute(when) : when;
    const allowed = this.draft.allowed.get(this.#ruleset);
    return allowed === undefined ? unrouted : both(unrouted, not(allowed));
  }

  /**
   * Ends the rules of the same kind and section, and of those only: all that follow are asked where the
   * condition does not hold.
   */
  allow(when: Logic): void {
    const { allowed } = this.draft;
    const before = allowed.get(this.#ruleset) ?? NEVER;
    allowed.set(this.#ruleset, either(before, this.#isShared() ? withoutRoute(when) : when));
  }

  /** Adds a rule; one whose condition never holds is none. */
  onRequest(action: RequestAction, when: Logic): void {
    const asked = this.asked(when);
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
