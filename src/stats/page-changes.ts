// What one open page does not have yet. A block counts as changed when more than its running times
// differ, for those the browser counts on by itself. One step is bounded in size: a page with many busy
// services is brought up to date in turns.

import type { ChangedBlock } from '../page/message.ts';
import { type Block, type Blocks, REGIONS } from './page-blocks.ts';

/** Characters of HTML in one step, one block more at most. */
const STEP_SIZE = 256 * 1_024;

export interface PageChange {
  /** Null = the same blocks in the same order as before. */
  readonly order: Readonly<Record<string, readonly string[]>> | null;
  readonly changed: readonly ChangedBlock[];
}

export class PageChanges {
  /** What was sent of each block, without its running times. */
  #sent = new Map<string, string>();
  #order = '';
  /** Id of the block after which the next step begins. */
  #lastSent = '';

  next(blocks: Blocks): PageChange {
    const all = REGIONS.flatMap((region) => blocks[region]);
    const changed = this.#changed(all);
    const order = Object.fromEntries(
      REGIONS.map((region) => [region, blocks[region].map((block) => block.id)]),
    );
    const text = JSON.stringify(order);
    const moved = text !== this.#order;
    this.#order = text;
    if (moved) this.#forget(all);
    return { order: moved ? order : null, changed };
  }

  #changed(all: readonly Block[]): ChangedBlock[] {
    const changed: ChangedBlock[] = [];
    const start = all.findIndex((block) => block.id === this.#lastSent) + 1;
    this.#lastSent = '';
    let size = 0;
    for (const { id, html } of [...all.slice(start), ...all.slice(0, start)]) {
      const still = withoutTimes(html.text);
      if (this.#sent.get(id) === still) continue;
      this.#sent.set(id, still);
      changed.push({ id, html: html.text });
      size += html.text.length;
      if (size < STEP_SIZE) continue;
      this.#lastSent = id;
      break;
    }
    return changed;
  }

  #forget(all: readonly Block[]): void {
    const known = new Set(all.map((block) => block.id));
    for (const id of this.#sent.keys()) if (!known.has(id)) this.#sent.delete(id);
  }
}

function withoutTimes(text: string): string {
  return text.replaceAll(/(<time data-[^>]*>)[^<]*/g, '$1');
}
