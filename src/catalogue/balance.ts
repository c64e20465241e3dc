// HAPROXY_{n}_BALANCE: HAProxy's words for how a pool's servers are chosen, read strictly. Pure.

/** How requests are spread over the servers of a pool. */
export type BalanceSpec =
  | { readonly algorithm: 'roundrobin' | 'static-rr' | 'leastconn' | 'first' | 'source' }
  /** The best of `draws` servers drawn by weight. */
  | { readonly algorithm: 'random'; readonly draws: number }
  /**
   * The path, with its query if `whole`; of that the first `depth` directories and then the first
   * `length` characters, 0 = all.
   */
  | {
      readonly algorithm: 'uri';
      readonly whole: boolean;
      readonly depth: number;
      readonly length: number;
    }
  /** A parameter of the query. */
  | { readonly algorithm: 'url_param'; readonly name: string }
  /** A header field; `name` is in lower case. */
  | { readonly algorithm: 'hdr'; readonly name: string };

export const ROUND_ROBIN: BalanceSpec = Object.freeze({ algorithm: 'roundrobin' });

const PLAIN = ['roundrobin', 'static-rr', 'leastconn', 'first', 'source'] as const;
const MOST_DRAWS = 100;
const MOST_CHARACTERS = 65_535;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}$/;

/** Reads HAProxy's text; null if it is not understood. */
export function readBalance(text: string): BalanceSpec | null {
  const [word = '', ...rest] = text.trim().split(/\s+/);
  const plain = PLAIN.find((algorithm) => algorithm === word);
  if (plain !== undefined) return rest.length === 0 ? { algorithm: plain } : null;
  if (word === 'uri') return readUri(rest);
  if (word === 'url_param') return readParameter(rest);
  if (rest.length > 0) return null;
  const [, called, argument = ''] = /^(random|hdr)(?:\((.*)\))?$/.exec(word) ?? [];
  if (called === 'random') return readRandom(word, argument);
  if (called === 'hdr' && TOKEN.test(argument)) {
    return { algorithm: 'hdr', name: argument.toLowerCase() };
  }
  return null;
}

/** True if what decides is in an HTTP request; on a TCP service it could never be found. */
export function needsRequest({ algorithm }: BalanceSpec): boolean {
  return algorithm === 'uri' || algorithm === 'url_param' || algorithm === 'hdr';
}

function readUri(words: readonly string[]): BalanceSpec | null {
  let whole = false;
  let depth = 0;
  let length = 0;
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i];
    if (word === 'whole') {
      whole = true;
    } else if (word === 'len' || word === 'depth') {
      i += 1;
      const count = readCount(words[i] ?? '', MOST_CHARACTERS);
      if (count === 0) return null;
      if (word === 'len') length = count;
      else depth = count;
    } else if (word !== 'path-only') {
      // Only ever the path is hashed: Teal forwards every target without its authority.
      return null;
    }
  }
  return { algorithm: 'uri', whole, depth, length };
}

function readParameter(words: readonly string[]): BalanceSpec | null {
  const [name = ''] = words;
  if (words.length !== 1 || !/^[^\s&=?#;]{1,100}$/.test(name)) return null;
  return { algorithm: 'url_param', name };
}

function readRandom(word: string, argument: string): BalanceSpec | null {
  if (word === 'random') return { algorithm: 'random', draws: 2 };
  const draws = readCount(argument, MOST_DRAWS);
  return draws === 0 ? null : { algorithm: 'random', draws };
}

/** 0 if it is not a number from 1 to `most`. */
function readCount(text: string, most: number): number {
  const count = /^[1-9]\d{0,5}$/.test(text) ? Number(text) : 0;
  return count <= most ? count : 0;
}
