// What an exchange keeps of its request once the worker's shared head reads another one: its text for
// a second try, and what it means for the answer and for the client's connection.

import type { RequestHead } from './http/request-head.ts';
import { takeCookie, withCookie } from './sticky.ts';
import type { Upstream } from './upstream.ts';

export class ExchangeRequest {
  /** The head as it goes to the server; empty between requests. */
  text = '';
  method = '';
  /** False for HTTP/1.0. */
  isHttp11 = true;
  /** Another request may follow on the client's connection. */
  keepAlive = false;
  /** The client has asked to close after it. */
  isLast = false;
  /** It asks to switch protocols. */
  upgrade = false;
  /** Value of our sticky cookie; empty = none, or none is looked for. */
  cookie = '';
  #replayable = false;
  #redialled = false;
  #rescued = false;

  /** `forwarded` are whole lines to add; `sticky`: a cookie of ours is taken out. */
  begin(head: RequestHead, forwarded: string, sticky: boolean): void {
    this.text = head.forward(forwarded);
    this.cookie = '';
    if (sticky) this.#takeCookie();
    this.method = head.method;
    this.isHttp11 = head.isHttp11;
    this.keepAlive = head.keepAlive;
    this.isLast = !head.keepAlive;
    this.upgrade = head.upgrade !== '';
    this.#replayable = head.replayable;
    this.#redialled = false;
    this.#rescued = false;
  }

  /** A policy has made another one of it; what frames it is as before. */
  rewrite(text: string, method: string): void {
    this.text = text;
    if (method !== this.method) this.#replayable = false;
  }

  /** Its server is to close after it. */
  closeServer(): void {
    if (!this.upgrade) this.text = `${this.text.slice(0, -2)}Connection: close\r\n\r\n`;
  }

  end(): void {
    this.text = '';
  }

  /** What a response has to say of the client's connection: a whole line, or nothing. */
  get connectionLine(): string {
    if (!this.keepAlive) return 'Connection: close\r\n';
    return this.isHttp11 ? '' : 'Connection: keep-alive\r\n';
  }

  /** A response's head that leads the client back to the server of `cookie`. */
  withCookie(head: string, status: number, cookie: string): string {
    return cookie === this.cookie ? head : withCookie(head, this.method, status, cookie);
  }

  /** Where to send it again after `upstream` closed without a byte; null = nowhere, it has failed. */
  secondTry(upstream: Upstream): 'same' | 'other' | null {
    if (!this.#replayable) return null;
    // Most likely the server had closed the unused connection before the request reached it.
    if (upstream.reused && !this.#redialled) {
      this.#redialled = true;
      return 'same';
    }
    // The server was told to go, and went: the pool that is live now answers in its place.
    if (!upstream.server.inForce && !this.#rescued) {
      this.#rescued = true;
      return 'other';
    }
    return null;
  }

  #takeCookie(): void {
    const { head, value } = takeCookie(this.text);
    this.text = head;
    this.cookie = value;
  }
}
