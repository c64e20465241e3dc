// Lines to a syslog server, a UDP datagram each (RFC 5426): nobody is waited for, and nobody says what
// has arrived. What the socket cannot take is lost.

import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import type { SyslogHeader } from './access-settings.ts';
import type { LineSink } from './line-sink.ts';
import { word } from './log-text.ts';
import { SecondText, syslogSecond } from './log-time.ts';

/** Facility local0 (as Marathon-LB's HAProxy), severity informational. */
const PRIORITY = 16 * 8 + 6;
/** Datagrams that were given to the socket and are not sent yet. */
const MAX_UNSENT = 1_000;

export class SyslogSink implements LineSink {
  lost = 0;
  trouble = '';
  readonly #socket: Socket;
  readonly #host: string;
  readonly #port: number;
  readonly #header: SyslogHeader;
  readonly #seconds = new SecondText(syslogSecond);
  readonly #node = word(hostname());
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

  write(line: string, atMs: number): void {
    if (this.#unsent >= MAX_UNSENT) {
      this.lost += 1;
      this.trouble = 'lines are not sent as fast as they are written';
      return;
    }
    this.#unsent += 1;
    const datagram = Buffer.from(`${this.#headerOf(atMs)}${line}`, 'latin1');
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

  #headerOf(atMs: number): string {
    const from = this.#node;
    if (this.#header === 'rfc3164') {
      return `<${PRIORITY}>${this.#seconds.of(atMs)} ${from} teal[${process.pid}]: `;
    }
    return `<${PRIORITY}>1 ${new Date(atMs).toISOString()} ${from} teal ${process.pid} - - `;
  }
}
