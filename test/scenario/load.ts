// A constant load that remembers every request: when it started, what answered, what went wrong.

import http from 'node:http';

export interface Outcome {
  /** Wall clock, ms since 1970. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly kind: string;
  /** Our port of its connection; 0 = there was none. */
  readonly localPort: number;
  /** Null when it failed. */
  readonly body: string | null;
  /** Empty when it succeeded. */
  readonly failure: string;
}

interface Kind {
  readonly name: string;
  readonly path: string;
  readonly clients: number;
  readonly keepAlive: boolean;
  /** Between the end of one request and the start of the next. */
  readonly pauseMs: number;
}

export class Load {
  readonly outcomes: Outcome[] = [];
  readonly #host: string;
  readonly #port: number;
  readonly #clients: Promise<void>[] = [];
  readonly #agents: http.Agent[] = [];
  #running = true;

  constructor(host: string, port: number, kinds: readonly Kind[]) {
    this.#host = host;
    this.#port = port;
    for (const kind of kinds) {
      for (let i = 0; i < kind.clients; i += 1) this.#clients.push(this.#client(kind));
    }
  }

  get failures(): readonly Outcome[] {
    return this.outcomes.filter((one) => one.failure !== '');
  }

  /** Waits for the requests in flight. */
  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#clients);
    for (const agent of this.#agents) agent.destroy();
  }

  async #client(kind: Kind): Promise<void> {
    const agent = kind.keepAlive ? new http.Agent({ keepAlive: true, maxSockets: 1 }) : false;
    if (agent !== false) this.#agents.push(agent);
    while (this.#running) {
      this.outcomes.push(await this.#request(kind, agent));
      await new Promise((resolve) => setTimeout(resolve, kind.pauseMs));
    }
  }

  #request(kind: Kind, agent: http.Agent | false): Promise<Outcome> {
    const startedAtMs = Date.now();
    let localPort = 0;
    return new Promise((resolve) => {
      const end = (body: string | null, failure: string): void =>
        resolve({ startedAtMs, endedAtMs: Date.now(), kind: kind.name, localPort, body, failure });
      const request = http.get(
        { host: this.#host, port: this.#port, path: kind.path, agent, timeout: 20_000 },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (piece: string) => {
            text += piece;
          });
          response.on('error', (error) => end(null, `body: ${error.message}`));
          response.on('end', () => {
            const { statusCode } = response;
            end(
              statusCode === 200 ? text : null,
              statusCode === 200 ? '' : `status ${statusCode}: ${text}`,
            );
          });
        },
      );
      request.on('socket', (socket) => {
        const connected = (): void => {
          localPort = socket.localPort ?? 0;
        };
        if (socket.connecting) socket.once('connect', connected);
        else connected();
      });
      request.on('timeout', () => request.destroy(new Error('no answer in 20 s')));
      request.on('error', (error) => end(null, error.message));
    });
  }
}
