// A new connection on a listener that wants a PROXY protocol header: nothing of it is looked at
// before the header is there, and what follows the header is left in the socket.

import type { Socket } from 'node:net';
import type { Clock, Timed } from '../clock.ts';
import { abort } from '../sockets.ts';
import type { ProxyAddresses } from './header.ts';
import { readProxyHeader } from './read.ts';

const NOTHING: Buffer = Buffer.alloc(0);

export interface GateOwner {
  /** The socket is the owner's again, paused. `rest` has been received and is not in the socket. */
  passed(gate: ProxyGate, addresses: ProxyAddresses | null, rest: Buffer): void;
  /** No header came, or something else did; the socket is closed. */
  refused(gate: ProxyGate, fault: string): void;
  /** Called once, before either of these, and alone when it is cut. */
  left(gate: ProxyGate): void;
}

export class ProxyGate implements Timed {
  deadlineMs: number;
  clockIndex = -1;
  rosterPlace = -1;
  readonly socket: Socket;
  readonly #clock: Clock;
  readonly #owner: GateOwner;
  #bytes = NOTHING;
  #over = false;

  /** Waits for `waitMs` at most. */
  constructor(socket: Socket, clock: Clock, waitMs: number, owner: GateOwner) {
    this.socket = socket;
    this.#clock = clock;
    this.#owner = owner;
    this.deadlineMs = clock.in(waitMs);
    clock.add(this);
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
  }

  /** The worker is to end: nothing was asked yet. */
  closeIfIdle(): void {
    this.cut();
  }

  /** Ends it now; false: nothing is cut short. */
  cut(): boolean {
    this.#leave();
    this.socket.destroy();
    return false;
  }

  expired(): void {
    this.#refuse('no PROXY protocol header in time');
  }

  readonly #onData = (piece: Buffer): void => {
    this.#bytes = this.#bytes.length === 0 ? piece : Buffer.concat([this.#bytes, piece]);
    const reading = readProxyHeader(this.#bytes);
    if (reading.kind === 'more') return;
    if (reading.kind === 'fault') {
      this.#refuse(reading.fault);
      return;
    }
    this.socket.pause();
    this.#leave();
    this.#owner.passed(this, reading.addresses, this.#bytes.subarray(reading.length));
  };

  readonly #onEnd = (): void => this.#refuse('it ended before its PROXY protocol header');
  readonly #onError = (): void => {};
  readonly #onClose = (): void => this.#refuse('it ended before its PROXY protocol header');

  #refuse(fault: string): void {
    if (this.#over) return;
    this.#leave();
    abort(this.socket);
    this.#owner.refused(this, fault);
  }

  #leave(): void {
    this.#over = true;
    this.#clock.remove(this);
    this.#owner.left(this);
    const { socket } = this;
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('close', this.#onClose);
    // Its own error listener stays: whoever takes over adds another.
  }
}
