// `acl` lines and what stands behind `if` and `unless`. Names have to be declared before they are used,
// and lines of one name are alternatives, as in HAProxy.

import { ALWAYS, both, either, type Logic, NEVER, not } from './logic.ts';
import { asWritten } from './placeholders.ts';
import { Refusal, refuse } from './refusal.ts';
import { readTest } from './tests.ts';

const METHODS = 'GET HEAD POST PUT DELETE OPTIONS TRACE CONNECT PATCH';

/** HAProxy's own ACLs, as the words they stand for. */
const PREDEFINED: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['TRUE', ['always_true']],
  ['FALSE', ['always_false']],
  ['HTTP', ['always_true']],
  ['REQ_CONTENT', ['always_true']],
  ['WAIT_END', ['always_true']],
  ['HTTP_1.0', ['req.ver', '1.0']],
  ['HTTP_1.1', ['req.ver', '1.1']],
  ['HTTP_CONTENT', ['hdr_val(content-length)', 'gt', '0']],
  ['HTTP_URL_SLASH', ['url_beg', '/']],
  ['HTTP_URL_STAR', ['url', '*']],
  ['LOCALHOST', ['src', '127.0.0.0/8', '::1']],
  ['METH_GET', ['method', 'GET', 'HEAD']],
  ...METHODS.split(' ')
    .slice(1)
    .map((name) => [`METH_${name}`, ['method', name]] as const),
]);

/** The ACLs of one section. */
export class AccessLists {
  readonly #named = new Map<string, Logic>();
  readonly #assumed = new Map<string, Logic>();
  /** Names whose lines were not understood: rules by them are not either. */
  readonly #broken = new Map<string, string>();

  /** Reads the words behind `acl`. */
  declare(words: readonly string[]): void {
    const [name = '', ...test] = words;
    if (name === '') refuse('expected a name and a test');
    try {
      this.#named.set(name, either(this.#named.get(name) ?? NEVER, readTest(test)));
    } catch (error) {
      this.#broken.set(name, error instanceof Refusal ? error.reason : '');
      throw error;
    }
  }

  /** Gives a name its meaning as long as no line declares it. */
  assume(name: string, logic: Logic): void {
    this.#assumed.set(name, logic);
  }

  /** Reads `if …` or `unless …`; nothing at all is always. */
  read(words: readonly string[]): Logic {
    const [word, ...rest] = words;
    if (word === undefined) return ALWAYS;
    if (word !== 'if' && word !== 'unless') {
      refuse(`expected if or unless in place of ${asWritten(word)}`);
    }
    if (rest.length === 0) refuse(`expected a condition behind ${word}`);
    const logic = this.#alternatives(rest);
    return word === 'if' ? logic : not(logic);
  }

  #alternatives(words: readonly string[]): Logic {
    let found: Logic = NEVER;
    let current: Logic = ALWAYS;
    let empty = true;
    for (let at = 0; at < words.length; at += 1) {
      const word = words[at] as string;
      if (word === 'or' || word === '||') {
        if (empty) refuse(`expected a condition before ${word}`);
        found = either(found, current);
        current = ALWAYS;
        empty = true;
        continue;
      }
      const { logic, next } = this.#termAt(words, at);
      current = both(current, logic);
      at = next;
      empty = false;
    }
    if (empty) refuse('expected a condition at the end');
    return either(found, current);
  }

  /** A name, or a test between braces; `next` is its last word. */
  #termAt(
    words: readonly string[],
    start: number,
  ): { readonly logic: Logic; readonly next: number } {
    let at = start;
    let negated = false;
    let word = words[at] as string;
    while (word.startsWith('!')) {
      negated = !negated;
      word = word.slice(1);
      if (word === '') word = words[++at] ?? refuse('expected a condition behind !');
    }
    // Doubled braces are those of a text that is not formatted after all.
    if (word !== '{' && word !== '{{') {
      const logic = this.#named.get(word);
      return {
        logic: negated ? not(this.#known(word, logic)) : this.#known(word, logic),
        next: at,
      };
    }
    const end = words.findIndex((one, place) => place > at && (one === '}' || one === '}}'));
    if (end === -1) refuse('expected a closing brace');
    const test = readTest(words.slice(at + 1, end));
    return { logic: negated ? not(test) : test, next: end };
  }

  #known(name: string, logic: Logic | undefined): Logic {
    const broken = this.#broken.get(name);
    if (broken !== undefined) {
      refuse(`its condition ${asWritten(name)} is not understood (${broken})`);
    }
    if (logic !== undefined) return logic;
    const assumed = this.#assumed.get(name);
    if (assumed !== undefined) return assumed;
    const predefined = PREDEFINED.get(name);
    if (predefined !== undefined) return readTest(predefined);
    return refuse(`expected an acl ${asWritten(name)} before it`);
  }
}
