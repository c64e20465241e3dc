// Pieces of lines that come again and again, made once: names, the way to a server, and small numbers
// behind what they are called.

import type { AccessRecord } from './access-record.ts';
import { type LineBuffer, type Piece, pieceOf } from './line-buffer.ts';

const MOST_NAMES = 10_000;
const MOST_CLIENTS = 4_096;
/** Numbers below are kept. */
const MOST_NUMBERS = 1_024;

export class KeptNames {
  readonly #make: (name: string) => string;
  readonly #pieces = new Map<string, Piece>();

  /** `make` gives what is written for a name, in ASCII. */
  constructor(make: (name: string) => string) {
    this.#make = make;
  }

  of(name: string): Piece {
    return this.#pieces.get(name) ?? this.#add(name);
  }

  #add(name: string): Piece {
    if (this.#pieces.size >= MOST_NAMES) this.#pieces.clear();
    const piece = pieceOf(this.#make(name));
    this.#pieces.set(name, piece);
    return piece;
  }
}

interface KeptClient {
  readonly address: string;
  readonly port: number;
  readonly piece: Piece;
}

/** What is written of clients: most send many requests by one connection. */
export class KeptClients {
  readonly #make: (address: string, port: number) => string;
  /** Of the ports with this remainder the one that came last. */
  readonly #last: (KeptClient | null)[] = Array(MOST_CLIENTS).fill(null);

  constructor(make: (address: string, port: number) => string) {
    this.#make = make;
  }

  of(address: string, port: number): Piece {
    const place = port % MOST_CLIENTS;
    const last = this.#last[place];
    if (last?.port === port && last.address === address) return last.piece;
    const piece = pieceOf(this.#make(address, port));
    this.#last[place] = { address, port, piece };
    return piece;
  }
}

/** Which way a request went. */
export type Way = Pick<
  AccessRecord,
  'frontend' | 'encrypted' | 'backend' | 'server' | 'colour' | 'epoch'
>;

/** What is written of a way: most requests to a server go the one that the one before went. */
export class KeptWays {
  readonly #make: (way: Way) => string;
  /** The last one of each server, by its name. */
  readonly #last = new Map<string, { readonly way: Way; readonly piece: Piece }>();

  constructor(make: (way: Way) => string) {
    this.#make = make;
  }

  of(way: Way): Piece {
    const last = this.#last.get(way.server);
    if (last !== undefined && isSame(last.way, way)) return last.piece;
    if (this.#last.size >= MOST_NAMES) this.#last.clear();
    const { frontend, encrypted, backend, server, colour, epoch } = way;
    const kept = { frontend, encrypted, backend, server, colour, epoch };
    const piece = pieceOf(this.#make(kept));
    this.#last.set(server, { way: kept, piece });
    return piece;
  }
}

function isSame(a: Way, b: Way): boolean {
  return (
    a.backend === b.backend &&
    a.epoch === b.epoch &&
    a.frontend === b.frontend &&
    a.encrypted === b.encrypted &&
    a.colour === b.colour
  );
}

/** A number between what stands before and behind it. */
export class KeptNumbers {
  readonly #before: Piece;
  readonly #behind: Piece;
  readonly #pieces: (Piece | undefined)[] = Array(MOST_NUMBERS).fill(undefined);

  constructor(before: string, behind = '') {
    this.#before = pieceOf(before);
    this.#behind = pieceOf(behind);
  }

  put(into: LineBuffer, value: number): void {
    // -1 is as frequent as any.
    const piece = this.#pieces[value + 1] ?? this.#add(value);
    if (piece !== null) {
      into.put(piece);
      return;
    }
    into.put(this.#before);
    into.number(value);
    into.put(this.#behind);
  }

  #add(value: number): Piece | null {
    if (value < -1 || value + 1 >= MOST_NUMBERS) return null;
    const piece = Buffer.concat([this.#before, pieceOf(String(value)), this.#behind]);
    this.#pieces[value + 1] = new Uint8Array(piece);
    return piece;
  }
}
