// Stands between a command and the admin port of a balancer, passes everything on, and lets something
// happen at a moment that could not be met otherwise: before a phase of an order, or while it is under way.

import http from 'node:http';
import type { AddressInfo } from 'node:net';

export type Phase = 'prepare' | 'commit' | 'abort' | '';

export class AdminTap {
  readonly url: string;
  /** Awaited before an order is passed on. */
  before: (phase: Phase) => Promise<void> | void = () => {};
  /** Called when an order has been written to the balancer; the answer does not wait for it. */
  during: (phase: Phase) => Promise<void> | void = () => {};
  readonly #server: http.Server;

  private constructor(server: http.Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** `target`: base URL of the admin port. */
  static async start(target: string): Promise<AdminTap> {
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const tap = new AdminTap(server);
    server.on('request', (asked, answer) => {
      tap.#pass(target, asked, answer).catch(() => answer.destroy());
    });
    return tap;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #pass(target: string, asked: http.IncomingMessage, answer: http.ServerResponse) {
    const pieces: Buffer[] = [];
    for await (const piece of asked) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    const phase = phaseIn(body);
    await this.before(phase);
    const { method, headers } = asked;
    const passed = http.request(`${target}${asked.url}`, { method, headers, agent: false });
    passed.on('response', (response) => {
      answer.writeHead(response.statusCode ?? 0, response.headers);
      response.pipe(answer);
      response.on('error', () => answer.destroy());
    });
    passed.on('error', () => answer.destroy());
    passed.end(body, () => void this.during(phase));
  }
}

function phaseIn(body: Buffer): Phase {
  return body.length === 0 ? '' : JSON.parse(body.toString()).phase;
}
