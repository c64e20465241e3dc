// A response that a file holds, made fit to be sent in place of an answer of our own: framed by us,
// whatever the file says.

import { ResponseHead } from '../http/response-head.ts';
import { HeadText } from './head-text.ts';

/** Said by us, or true of the file alone. */
const OURS = ['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade'];

export class ErrorPage {
  readonly #startLine: string;
  readonly #fields: string;
  readonly #body: string;

  private constructor(head: HeadText, body: string) {
    const [, status = '', reason = ''] = /^HTTP\/1\.\d (\d{3}) ?(.*)$/.exec(head.startLine) ?? [];
    this.#startLine = `HTTP/1.1 ${status} ${reason}\r\n`;
    const text = head.toString();
    this.#fields = text.slice(text.indexOf('\r\n') + 2, -2);
    this.#body = body;
  }

  /** `text` is latin1; null if it is no sound response. Lines may end with LF alone. */
  static read(text: string): ErrorPage | null {
    const end = /\r?\n\r?\n/.exec(text);
    if (end === null) return null;
    const lines = text.slice(0, end.index).replace(/\r?\n/g, '\r\n');
    const head = new HeadText(`${lines}\r\n\r\n`);
    for (const name of OURS) head.remove(name);
    const reader = new ResponseHead();
    if (reader.read(head.toString(), 'GET', 100) !== null) return null;
    // A status without a body would leave the body to be the next response.
    if (reader.status < 200 || reader.status === 204 || reader.status === 304) return null;
    return new ErrorPage(head, text.slice(end.index + end[0].length));
  }

  /** A whole response; `lines` are whole lines to add, `withBody` is false for HEAD. */
  text(lines: string, withBody: boolean): string {
    const length = `Content-Length: ${this.#body.length}\r\n`;
    const body = withBody ? this.#body : '';
    return `${this.#startLine}${this.#fields}${length}${lines}\r\n${body}`;
  }
}

/** Pages by their file, read once for each set of files. */
export class ErrorPages {
  readonly #pages = new Map<string, ErrorPage>();

  constructor(files: readonly { readonly path: string; readonly text: string }[]) {
    for (const { path, text } of files) {
      const page = ErrorPage.read(text);
      if (page !== null) this.#pages.set(path, page);
    }
  }

  /** Null = the file is not there, or no response. */
  at(path: string): ErrorPage | null {
    return this.#pages.get(path) ?? null;
  }
}
