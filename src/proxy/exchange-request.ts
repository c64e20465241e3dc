// What an exchange keeps of its request once the worker's shared head reads another one: its text for
// a second try, and what it means for the answer and for the client's connection.

import { type Aim, aimOf, LIVE, type Preview, type Wish } from './aim.ts';
import type { RequestHead } from './http/request-head.ts';
import { takePreview } from './preview.ts';
import { COLOUR_COOKIE, type Cookie, SERVER_COOKIE, takeCookie, withCookie } from './sticky.ts';
import type { Service } from './table.ts';
import type { Upstream } from './upstream.ts';

export class ExchangeRequest implements Wish {
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
  /** Value of our cookie that leads to a colour; empty = none, or none is looked for. */
  colourCookie = '';
  preview: Preview | null = null;
  aim: Aim = LIVE;
  #replayable = false;
  #redialled = false;
  #rescued = false;

  /**
   * `forwarded` are whole lines to add; cookies of ours are taken out where `service` has some. With a
   * `secret` a colour may be asked for.
   */
  begin(head: RequestHead, forwarded: string, service: Service | null, secret: string): void {
    this.text = head.forward(forwarded);
    this.cookie = service?.sticky ? this.#takeCookie(SERVER_COOKIE) : '';
    this.colourCookie = service?.split ? this.#takeCookie(COLOUR_COOKIE) : '';
    this.preview = secret === '' ? null : this.#takePreview();
    this.aim = service === null ? LIVE : aimOf(service, this, secret);
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

  /** It is for a colour that has a share of all requests. */
  get isShared(): boolean {
    return this.aim !== LIVE && !this.aim.previews;
  }

  /** What a response has to say of the client's connection: a whole line, or nothing. */
  get connectionLine(): string {
    if (!this.keepAlive) return 'Connection: close\r\n';
    return this.isHttp11 ? '' : 'Connection: keep-alive\r\n';
  }

  /** A response's head that sets `cookie`. */
  withCookie(head: string, status: number, cookie: Cookie): string {
    return withCookie(head, this.method, status, cookie);
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

  #takeCookie(name: string): string {
    const { head, value } = takeCookie(this.text, name);
    this.text = head;
    return value;
  }

  #takePreview(): Preview | null {
    const { head, preview } = takePreview(this.text);
    this.text = head;
    return preview;
  }
}
