// What a rule looks at: a request, its response once there is one, and the connection they are on.

import { randomUUID } from 'node:crypto';
import type { ListenerKind } from '../../plan/plan.ts';
import type { ProxyAddresses } from '../proxy-protocol/header.ts';
import type { HeadText } from './head-text.ts';
import { RequestText } from './request-text.ts';

/** A client's connection, as rules see it. */
export interface Visitor {
  /** IP address it is known by, IPv4 in its own form. */
  readonly address: string;
  /** Listener it came in by. */
  readonly door: ListenerKind;
  readonly isEncrypted: boolean;
  /** SNI, lower-cased; empty without. */
  readonly serverName: string;
  /** No request came before this one. */
  readonly isFirst: boolean;
  /** Both ends of its connection; null when it is gone already. */
  addresses(): ProxyAddresses | null;
}

/** The colour that serves, as rules see it. */
export interface Backend {
  /** With its pxname. */
  readonly pool: { readonly name: string };
  readonly servers: readonly { readonly balanced: boolean }[];
}

export class Subject {
  readonly visitor: Visitor;
  readonly backend: Backend;
  /** False for HTTP/1.0. */
  readonly isHttp11: boolean;
  /** A final response; null before there is one. */
  response: HeadText | null = null;
  status = 0;
  /** svname; empty before it was chosen. */
  server = '';
  readonly #text: string;
  #request: RequestText | null = null;
  #uniqueId = '';
  #whenAnswered: ((status: number) => void)[] = [];
  #whenOver: (() => void)[] = [];

  /** `text` is the head as it goes to a server: always in HTTP/1.1. */
  constructor(visitor: Visitor, backend: Backend, text: string, isHttp11: boolean) {
    this.visitor = visitor;
    this.backend = backend;
    this.isHttp11 = isHttp11;
    this.#text = text;
  }

  get request(): RequestText {
    this.#request ??= new RequestText(this.#text);
    return this.#request;
  }

  get uniqueId(): string {
    if (this.#uniqueId === '') this.#uniqueId = randomUUID();
    return this.#uniqueId;
  }

  /** Has `tell` called with the status that is answered, if one is. */
  whenAnswered(tell: (status: number) => void): void {
    this.#whenAnswered.push(tell);
  }

  /** Has `tell` called once when the exchange is over. */
  whenOver(tell: () => void): void {
    this.#whenOver.push(tell);
  }

  answered(status: number): void {
    for (const tell of this.#whenAnswered.splice(0)) tell(status);
  }

  over(): void {
    for (const tell of this.#whenOver.splice(0)) tell();
  }
}
