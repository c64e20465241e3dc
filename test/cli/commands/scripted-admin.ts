// An admin port that carries out orders by a script, on an address of its own: as many of them behind one
// name as a test wants.

import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export type Body = Readonly<Record<string, unknown>>;

export interface Reply {
  readonly status?: number;
  readonly body: Body | string;
}

export class ScriptedAdmin {
  readonly orders: Body[] = [];
  readonly authorizations: (string | undefined)[] = [];
  live: string | null = '/shop-blue';
  previous: string | null = null;
  /** What is read, by path without its query. */
  reads: Readonly<Record<string, Body>> = {};
  /** Sessions on /shop-blue, a number for each time somebody looks; then none. */
  inFlight: number[] = [];
  /** URLs that were read. */
  readonly asked: string[] = [];
  /** Answers instead; null = as a balancer would; `hang` = never. */
  instead: (order: Body) => Reply | 'hang' | 'reset' | null = () => null;
  readonly #server: http.Server;
  #epoch = 7;

  constructor() {
    this.#server = http.createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      request.on('end', () => {
        if (request.url === '/haproxy?stats;csv') {
          const rows = `shop-blue_10080,BACKEND,0,${this.inFlight.shift() ?? 0},\n`;
          response.end(`# pxname,svname,qcur,scur,\n${rows}`);
          return;
        }
        if (request.method === 'GET') {
          this.asked.push(request.url ?? '');
          const read = this.reads[(request.url ?? '').split('?', 1)[0] ?? ''];
          response.statusCode = read === undefined ? 404 : 200;
          response.end(JSON.stringify(read ?? { error: 'there is no such thing' }));
          return;
        }
        const order = JSON.parse(text) as Body;
        this.orders.push(order);
        this.authorizations.push(request.headers.authorization);
        const reply = this.instead(order) ?? this.#carryOut(order);
        if (reply === 'hang') return;
        if (reply === 'reset') {
          request.socket.destroy();
          return;
        }
        const { status = 200, body } = reply;
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    });
  }

  async listen(address = '127.0.0.1', port = 0): Promise<string> {
    this.#server.listen(port, address);
    await once(this.#server, 'listening');
    return `http://${address}:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Kinds and phases in the order they came: `cutover prepare`. */
  get said(): string[] {
    return this.orders.map(({ order, phase }) => [order, phase].filter(Boolean).join(' '));
  }

  #carryOut({ order, phase = 'both', colour, lease }: Body): Reply {
    const commits = phase === 'commit' || phase === 'both';
    if (commits && order === 'cutover') {
      this.previous = this.live;
      this.live = String(colour ?? '/shop-green');
      this.#epoch += 1;
    }
    const given = phase === 'prepare' || order === 'lease';
    return {
      body: {
        epoch: this.#epoch,
        tookMs: 2.5,
        workers: [
          { pid: 1, epoch: this.#epoch, tookMs: 1.5 },
          { pid: 2, epoch: this.#epoch, tookMs: 2.5 },
        ],
        service: String(order).endsWith('freeze') ? '' : '*:10080',
        live: this.live,
        previous: this.previous,
        ...(order === 'freeze' ? { untilMs: Date.now() + 60_000 } : {}),
        ...(given ? { lease: lease || `lease-${this.orders.length}` } : {}),
      },
    };
  }
}

export const refusal = (code: string, error: string): Reply => ({
  status: 409,
  body: { code, error },
});
