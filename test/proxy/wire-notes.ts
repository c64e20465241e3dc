// What happens on a wire, noted by a test.

import type { WireEvents } from '../../src/proxy/wire.ts';

/** Notes what happens on a wire, in the order it happens. */
export class Notes implements WireEvents {
  readonly lines: string[] = [];
  received = '';
  #waiting: { lines: readonly string[]; resolve: () => void } | null = null;

  wireConnected(): void {
    this.#note('connected');
  }

  wireBytes(piece: Buffer, length: number): void {
    this.received += piece.toString('latin1', 0, length);
    this.#note('bytes');
  }

  wireEnded(): void {
    this.#note('ended');
  }

  wireWritable(): void {
    this.#note('writable');
  }

  wireClosed(broken: boolean): void {
    this.#note(broken ? 'broken' : 'closed');
  }

  /** Resolves when one of these has happened, now or before. */
  async until(...lines: readonly string[]): Promise<void> {
    if (this.lines.some((line) => lines.includes(line))) return;
    await new Promise<void>((resolve) => {
      this.#waiting = { lines, resolve };
    });
  }

  #note(line: string): void {
    this.lines.push(line);
    if (this.#waiting?.lines.includes(line)) this.#waiting.resolve();
  }
}
