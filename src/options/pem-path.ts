// A PEM file or folder that is looked at again and again: what can be used of it, and what is wrong
// with the rest. A file that cannot be used any more leaves what was read of it before in use.

import { type BigIntStats, statSync } from 'node:fs';
import { pemFilesAt, reasonOf } from './certificates.ts';

const YOUNG_MS = 100;

interface Entry {
  readonly file: string;
  /** Tells one state of the file from another. */
  print: string;
  /** Last good text; null = never one. */
  pem: string | null;
  /** Empty = fine. */
  fault: string;
  /** Changed a moment before it was read: to be read again. */
  young: boolean;
  /** A fault seen once: the file may be in the middle of being written. */
  suspicion: string;
}

export class PemPath {
  readonly path: string;
  readonly #read: (file: string) => string;
  #entries: readonly Entry[] = [];
  #fault = '';
  #suspicion = '';

  /** `read` gives the text of a file that can be used, or throws why it cannot. Looks at once. */
  constructor(path: string, read: (file: string) => string) {
    this.path = path;
    this.#read = read;
    this.look();
    this.look();
  }

  /** In the order of the files' names. Empty = nothing could ever be used. */
  get pems(): readonly string[] {
    return this.#entries.flatMap(({ pem }) => pem ?? []);
  }

  /** `file: reason` each; those of the path itself without the file. */
  get faults(): readonly string[] {
    const ofFiles = this.#entries
      .filter(({ fault }) => fault !== '')
      .map(({ file, fault }) => (file === this.path ? fault : `${file}: ${fault}`));
    return this.#fault === '' ? ofFiles : [this.#fault, ...ofFiles];
  }

  /** Reads what has changed; true if texts or faults are others now. A fault counts when seen twice. */
  look(): boolean {
    let files: readonly string[];
    try {
      files = pemFilesAt(this.path);
    } catch (error) {
      return this.#doubt(reasonOf(error));
    }
    let changed = this.#fault !== '' || files.length !== this.#entries.length;
    this.#fault = '';
    this.#suspicion = '';
    const before = new Map(this.#entries.map((entry) => [entry.file, entry]));
    this.#entries = files.map((file) => {
      const known = before.get(file);
      if (known === undefined) changed = true;
      const entry = known ?? { file, print: '', pem: null, fault: '', young: false, suspicion: '' };
      if (this.#refresh(entry)) changed = true;
      return entry;
    });
    return changed;
  }

  #doubt(reason: string): boolean {
    if (this.#fault === reason) return false;
    if (this.#suspicion === reason) this.#fault = reason;
    this.#suspicion = reason;
    return this.#fault === reason;
  }

  #refresh(entry: Entry): boolean {
    const print = `${printOf(entry.file)} ${printOf(`${entry.file}.key`)}`;
    const same = print === entry.print;
    if (same && !entry.young) return entry.suspicion !== '' && confirm(entry);
    entry.print = print;
    entry.young = isYoung(entry.file) || isYoung(`${entry.file}.key`);
    try {
      const pem = this.#read(entry.file);
      const changed = pem !== entry.pem || entry.fault !== '';
      Object.assign(entry, { pem, fault: '', suspicion: '' });
      return changed;
    } catch (error) {
      const reason = reasonOf(error);
      const again = same && entry.suspicion === reason;
      entry.suspicion = reason;
      return again && confirm(entry);
    }
  }
}

/** True if that is news. */
function confirm(entry: Entry): boolean {
  const news = entry.fault !== entry.suspicion;
  entry.fault = entry.suspicion;
  return news;
}

/** A file written twice within one tick of the kernel's clock looks the same afterwards. */
function isYoung(file: string): boolean {
  try {
    return Math.abs(Date.now() - statSync(file).mtimeMs) < YOUNG_MS;
  } catch {
    return false;
  }
}

/** Empty when there is no such file. */
function printOf(file: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs }: BigIntStats = statSync(file, { bigint: true });
    return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
  } catch {
    return '';
  }
}
