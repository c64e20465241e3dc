// A worker's access log: which requests get a line, by the wish of their colour or else of the balancer.

import type { AccessRecord, RefusalRecord } from '../log/access-record.ts';
import { AccessWriter } from '../log/access-writer.ts';
import type { Logger } from '../log/logger.ts';
import type { AccessWish } from '../plan/plan.ts';
import type { ProxySettings } from './settings.ts';

export class AccessLog {
  /** Some request may get a line. Once true it stays so. */
  isInUse = false;
  /** Each finds a header that is captured in the text of a head. */
  readonly captures: readonly RegExp[];
  /** Only JSON has a place for the id of a request. */
  readonly hasIds: boolean;
  readonly #wish: AccessWish;
  readonly #writer: AccessWriter;

  constructor({ accessLog, accessWish }: ProxySettings, log: Logger) {
    this.captures = accessLog.captures.map(finderOf);
    this.hasIds = accessLog.format === 'json';
    this.#wish = accessWish;
    this.#writer = new AccessWriter(accessLog, log);
    this.adopt(accessWish);
  }

  /** A colour with this wish is in the plan. */
  adopt(wish: AccessWish): void {
    if (wish.which !== 'none') this.isInUse = true;
  }

  /** True if a line is to be written; `own` is the colour's wish, null = it has none. */
  wants(own: AccessWish | null, isFault: boolean): boolean {
    const { which, share } = own ?? this.#wish;
    if (which === 'none' || (which === 'errors' && !isFault)) return false;
    return share >= 1 || Math.random() < share;
  }

  /** Since the start. */
  get lostLines(): number {
    return this.#writer.lostLines;
  }

  write(record: AccessRecord): void {
    this.#writer.write(record);
  }

  refused(record: RefusalRecord): void {
    this.#writer.refused(record);
  }

  /** Writes what waits; nothing is written any more. */
  close(): void {
    this.#writer.close();
  }
}

/** Finds the value of a header, blanks around it aside; `name` is a token. */
export function finderOf(name: string): RegExp {
  const literal = name.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
  return new RegExp(`\\r\\n${literal}:[ \\t]*([^\\r]*)`, 'i');
}

/** Empty = there is none. `head` ends with its empty line. */
export function found(finder: RegExp, head: string): string {
  return finder.exec(head)?.[1]?.trimEnd() ?? '';
}
