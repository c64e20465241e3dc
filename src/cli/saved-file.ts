// A small file that survives whatever happens to this process: written whole beside the old one, synced
// and then renamed, with a checksum, so that a crash leaves the one or the other and never a part.

import { createHash, type Hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What is on disk. */
export type Found =
  | { readonly body: string }
  /** Why it cannot be used, one clause; empty = there is none. */
  | { readonly fault: string };

export class SavedFile {
  readonly path: string;
  readonly #format: string;

  /** `format` changes with the shape of the body: another one is not read. */
  constructor(path: string, format: string) {
    this.path = path;
    this.#format = format;
  }

  read(): Found {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return { fault: code === 'ENOENT' ? '' : message };
    }
    const end = text.indexOf('\n');
    const body = text.slice(end + 1);
    const isWhole = end > 0 && text.slice(0, end) === this.#headOf(checksum().update(body));
    return isWhole ? { body } : { fault: 'it is of another version or damaged' };
  }

  /**
   * Rejects when it cannot be written; what was there before is still there then. A long body comes in
   * pieces, each of which is made when the one before is written: other work goes on between them.
   */
  async write(body: Iterable<string>): Promise<void> {
    const temporary = `${this.path}.${process.pid}`;
    const file = await open(temporary, 'w', 0o600);
    try {
      const hash = checksum();
      // What is in front is known last, and always as long.
      await file.writeFile(`${this.#headOf(checksum())}\n`);
      for (const piece of body) {
        hash.update(piece);
        await file.writeFile(piece);
      }
      await file.write(this.#headOf(hash), 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, this.path);
    await syncFolder(dirname(this.path));
  }

  #headOf(hash: Hash): string {
    return `${this.#format} ${hash.digest('hex')}`;
  }
}

function checksum(): Hash {
  return createHash('sha256');
}

/** Without it a power failure may take the rename back. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
