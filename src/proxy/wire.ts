// What carries the bytes of a connection: a TCP handle (native-wire.ts), TLS over one
// (native-tls-wire.ts), or a socket of Node's where handles cannot be used (socket-wire.ts). Nothing of a wire reports anything before the call that made
// it, or a call on it, has returned.

import type { ProxyAddresses } from './proxy-protocol/header.ts';

/** What happens on a wire, as calls on the connection it belongs to. */
export interface WireEvents {
  /** It is there; only for a wire that was dialled. */
  wireConnected(): void;
  /** `piece[0, length)` was received; it is overwritten after the return. */
  wireBytes(piece: Buffer, length: number): void;
  /** The peer sends no more. */
  wireEnded(): void;
  /** What was written has gone out, after some of it had to wait. */
  wireWritable(): void;
  /** It is gone; `broken` if by an error, a reset for example. Nothing follows. */
  wireClosed(broken: boolean): void;
}

/** Up to this size text is cheaper to write than bytes: Node copies it onto its stack, no further. */
export const MAX_TEXT_BYTES = 16_384;

export interface Wire {
  /** Starts to read an accepted connection; `events` hears all that happens from now on. */
  start(events: WireEvents): void;
  /** Address of the peer; 0.0.0.0 when it is gone already. */
  readonly peerAddress: string;
  /** Name the client asked for in its TLS handshake, empty without; null = not encrypted. */
  readonly serverName: string | null;
  /** Bytes written that wait in this process. */
  readonly queuedBytes: number;
  /** All of it is with the kernel, our FIN too. */
  readonly finished: boolean;
  readonly destroyed: boolean;
  /** Both ends; null when it is gone already. */
  addresses(): ProxyAddresses | null;
  /** Writes latin1 text. */
  writeText(text: string): void;
  /** Writes bytes, which must stay as they are from now on. */
  writeBytes(bytes: Buffer): void;
  /** Gives a buffer of at least `bytes` to fill; it must go back by `writeLent` before anything else. */
  lend(bytes: number): Buffer;
  /** Writes the first `bytes` of a lent buffer, which is not the caller's any more. */
  writeLent(buffer: Buffer, bytes: number): void;
  /** Sends a FIN after all that was written; the peer may go on sending. */
  end(): void;
  /** Closes it once all that was written has gone out. */
  endAndClose(): void;
  /** Closes it now; what waits is lost. */
  destroy(): void;
  /**
   * Ends it so that its peer cannot take it for a clean end: RST where that is possible. The peer of a
   * TLS socket sees a missing close_notify instead.
   */
  abort(): void;
  /** Stops reading; a reset of the peer is not seen meanwhile. */
  pause(): void;
  resume(): void;
  /** Starts to watch what waits: `shrank` compares with now. */
  watch(): void;
  /** True if the peer took something since the last look. Unlike `queuedBytes`, this sees parts. */
  shrank(): boolean;
}
