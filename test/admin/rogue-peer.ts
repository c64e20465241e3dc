// A peer of a test that answers whatever it is told to, byte for byte, and keeps what it was asked.

import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

export class RoguePeer {
  /** Heads and bodies as they came, one per connection. */
  readonly asked: string[] = [];
  /** Connections that are open now. */
  readonly open = new Set<Socket>();
  /** What happens on a connection that has sent a head. */
  answer: (socket: Socket) => void = () => {};
  readonly #server = createServer((socket) => {
    this.open.add(socket);
    const place = this.asked.push('') - 1;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      const before = this.asked[place] ?? '';
      this.asked[place] = before + text;
      if (!before.includes('\r\n\r\n') && this.asked[place].includes('\r\n\r\n')) {
        this.answer(socket);
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => this.open.delete(socket));
  });

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  start(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', () => resolve()));
  }

  stop(): Promise<void> {
    for (const socket of this.open) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

/** Sends all of it, and nothing any more. */
export const say = (text: string) => (socket: Socket) => void socket.end(text, 'latin1');
