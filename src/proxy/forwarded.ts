// The fields that tell a server whom it is really talking to: as Marathon-LB's templates set them,
// with X-Forwarded-For as one list (RFC 9110 §5.3), not a line per proxy.

export class Forwarded {
  /** Address of the client, IPv4 in its own form. */
  readonly peer: string;
  readonly #rest: string;
  readonly #plain: string;

  /** `peer` is the client's address, `port` the listener's. */
  constructor(peer: string, port: number, encrypted: boolean) {
    this.peer = plainAddress(peer);
    const proto = encrypted ? 'https' : 'http';
    this.#rest = `X-Forwarded-Port: ${port}\r\nX-Forwarded-Proto: ${proto}\r\n`;
    this.#plain = `X-Forwarded-For: ${this.peer}\r\n${this.#rest}`;
  }

  /** Whole lines for a request that carried `received` as its X-Forwarded-For; empty = none. */
  lines(received: string): string {
    if (received === '') return this.#plain;
    return `X-Forwarded-For: ${received}, ${this.peer}\r\n${this.#rest}`;
  }
}

/** A dual-stack socket shows IPv4 clients as ::ffff:10.0.0.1. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
