// A request's head as rules see and change it. Method and target stay such that the request means the
// same to the server as to the relay: its body is framed as before, and nobody waits for one in vain.

import { HeadText } from './head-text.ts';

const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/;
/** They change what a message is, or what answers it. */
const FIXED: ReadonlySet<string> = new Set(['HEAD', 'CONNECT', 'TRACE']);
/** What may not stand in a target: a space would end it, a `#` begins what no server gets. */
const UNSAFE = /[^\x21-\x22\x24-\x7e]/g;

export class RequestText {
  readonly head: HeadText;
  /** Path and query, or `*`. */
  #target: string;
  #method: string;

  /** `text` is a head as it goes to a server. */
  constructor(text: string) {
    this.head = new HeadText(text);
    const [method = '', target = ''] = this.head.startLine.split(' ');
    this.#method = method;
    this.#target = target;
  }

  toString(): string {
    return this.head.toString();
  }

  get method(): string {
    return this.#method;
  }

  /** Ignored where the method, the one before or the one wished, is one that frames the answer. */
  set method(method: string) {
    if (!METHOD.test(method) || FIXED.has(method) || FIXED.has(this.#method)) return;
    this.#method = method;
    this.#write();
  }

  get target(): string {
    return this.#target;
  }

  /** Made into a path if it is none. Ignored for a request to the server as a whole. */
  set target(target: string) {
    if (!this.hasPath) return;
    const safe = target.replace(UNSAFE, encoded);
    this.#target = safe.startsWith('/') ? safe : `/${safe}`;
    this.#write();
  }

  /** False for `*`. */
  get hasPath(): boolean {
    return this.#target.startsWith('/');
  }

  /** Empty for `*`. */
  get path(): string {
    if (!this.hasPath) return '';
    const query = this.#target.indexOf('?');
    return query === -1 ? this.#target : this.#target.slice(0, query);
  }

  set path(path: string) {
    const query = this.#target.indexOf('?');
    const bare = path.replaceAll('?', '%3F');
    this.target = query === -1 ? bare : `${bare}${this.#target.slice(query)}`;
  }

  /** Without its question mark; empty = none. */
  get query(): string {
    const at = this.#target.indexOf('?');
    return at === -1 ? '' : this.#target.slice(at + 1);
  }

  set query(query: string) {
    this.target = query === '' ? this.path : `${this.path}?${query}`;
  }

  #write(): void {
    this.head.startLine = `${this.#method} ${this.#target} HTTP/1.1`;
  }
}

function encoded(character: string): string {
  const code = character.charCodeAt(0);
  return `%${code.toString(16).toUpperCase().padStart(2, '0')}`;
}
