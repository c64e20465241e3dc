// One raw TCP (or TLS) connection of a test: writes bytes as they are, keeps bytes as they came.

import type net from 'node:net';
import { ByteQueue, type Ending } from './byte-queue.ts';

export class Peer {
  readonly socket: net.Socket;
  /** Arrived and not taken yet. */
  readonly incoming = new ByteQueue();
  /** Everything that arrived, for exact comparisons; cleared never. */
  readonly #record: Buffer[] = [];
  #closed = false;

  constructor(socket: net.Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#record.push(chunk);
      this.incoming.push(chunk);
    });
    socket.on('end', () => this.incoming.finish('end'));
    socket.on('error', () => this.incoming.finish('reset'));
    socket.on('close', () => {
      this.#closed = true;
      this.incoming.finish('reset');
    });
  }

  /** Everything received so far, as latin1. */
  get received(): string {
    return Buffer.concat(this.#record).toString('latin1');
  }

  /** True once the connection is gone in both directions. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Writes bytes as they are (text as latin1); resolves when they are with the kernel. */
  write(bytes: string | Buffer): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => resolve();
      this.socket.once('close', done);
      const written = (): void => {
        this.socket.off('close', done);
        resolve();
      };
      if (typeof bytes === 'string') this.socket.write(bytes, 'latin1', written);
      else this.socket.write(bytes, written);
    });
  }

  /** Sends FIN; reading goes on. */
  end(): void {
    this.socket.end();
  }

  /** Sends RST. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** Closes at once, both ways. */
  destroy(): void {
    this.socket.destroy();
  }

  /** Stops reading: the kernel's buffers fill up. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** How the other side ended its direction. */
  ended(patienceMs?: number): Promise<Ending> {
    return this.incoming.ended(patienceMs);
  }
}
