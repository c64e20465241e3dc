// Lines to a syslog server, a UDP datagram each (RFC 5426): nobody is waited for, and nobody says what
// has arrived. What the socket cannot take is lost.

import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import type { SyslogHeader } from './access-settings.ts';
import { LineBuffer, pieceOf } from './line-buffer.ts';
import type { LineSink } from './line-sink.ts';
import { word } from './log-text.ts';
import { KeptSecond, syslogSecond } from './log-time.ts';

/** Facility local0 (as Marathon-LB's HAProxy), severity informational. */
const PRIORITY = 16 * 8 + 6;
/** Datagrams that were given to the socket and are not sent yet. */
const MAX_UNSENT = 1_000;
/** Most lines are shorter. */
const DATAGRAM_BYTES = 2_048;

export class SyslogSink implements LineSink {
  lost = 0;
  trouble = '';
  readonly #socket: Socket;
  readonly #host: string;
  readonly #port: number;
  readonly #header: SyslogHeader;
  readonly #seconds = new KeptSecond(syslogSecond);
  readonly #datagram = new LineBuffer(DATAGRAM_BYTES);
  readonly #node = word(hostname());
  readonly #rfc3164 = {
    before: pieceOf(`<${PRIORITY}>`),
    behind: pieceOf(` ${this.#node} teal[${process.pid}]: `),
  };
  #unsent = 0;

  constructor(host: string, port: number, header: SyslogHeader) {
    this.#host = host;
    this.#port = port;
    this.#header = header;
    this.#socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    this.#socket.unref();
    this.#socket.on('error', (error) => {
      this.trouble = error.message;
    });
  }

  begin(atMs: number): LineBuffer {
    this.#datagram.length = 0;
    this.#putHeader(atMs);
    return this.#datagram;
  }

  end(): void {
    if (this.#unsent >= MAX_UNSENT) {
      this.lost += 1;
      this.trouble = 'lines are not sent as fast as they are written';
      return;
    }
    this.#unsent += 1;
    const { bytes, length } = this.#datagram;
    // The socket keeps it until it is sent.
    const datagram = Buffer.from(bytes.subarray(0, length));
    this.#socket.send(datagram, this.#port, this.#host, (error) => {
      this.#unsent -= 1;
      if (error === null) return;
      this.lost += 1;
      this.trouble = error.message;
    });
  }

  close(): void {
    // Its socket lives until the last datagram has gone out; it keeps no process.
  }

  #putHeader(atMs: number): void {
    const into = this.#datagram;
    if (this.#header === 'rfc3164') {
      into.put(this.#rfc3164.before);
      into.put(this.#seconds.of(atMs));
      into.put(this.#rfc3164.behind);
      return;
    }
    const time = new Date(atMs).toISOString();
    into.put(pieceOf(`<${PRIORITY}>1 ${time} ${this.#node} teal ${process.pid} - - `));
  }
}
