// What is killed in kill.test.ts, and what is in its way: colours that answer with their names, balancers
// that can be started again, and a load on each.

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, request } from 'undici';
import type { Orders } from '../../src/colour/orders.ts';
import { until } from '../support/fake-marathon.ts';
import { Load } from './load.ts';
import { TealProcess } from './teal-process.ts';

export type ColourName = 'blue' | 'green';

/** Answers with its colour after a moment, to `/held` when told to. */
export class Colour {
  readonly held: http.ServerResponse[] = [];
  readonly #server: http.Server;

  private constructor(server: http.Server) {
    this.#server = server;
  }

  static async start(name: ColourName): Promise<Colour> {
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const colour = new Colour(server);
    server.on('request', ({ url }, response: http.ServerResponse) => {
      if (url === '/held') colour.held.push(response);
      else setTimeout(() => response.end(name), 5);
    });
    return colour;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

export class Balancer {
  readonly address: string;
  readonly url: string;
  readonly service: number;
  readonly #args: readonly string[];
  #teal: TealProcess | null = null;

  constructor(address: string, service: number, stats: number, args: readonly string[]) {
    this.address = address;
    this.service = service;
    this.url = `http://${address}:${stats}`;
    this.#args = [...args, '--bind', address, '--stats-port', String(stats)];
  }

  get teal(): TealProcess {
    if (this.#teal === null) throw new Error(`${this.address} is not running`);
    return this.#teal;
  }

  async start(): Promise<void> {
    this.#teal = new TealProcess(this.#args);
    await this.teal.line((line) => line.includes('"msg":"cut-over"'), 'a live colour', 20_000);
  }

  async kill(): Promise<void> {
    this.#teal?.signal('SIGKILL');
    await this.#teal?.exit;
  }

  /** Pids of the workers; there are two again. */
  async workers(): Promise<readonly number[]> {
    await until('two workers', () => this.teal.descendants().length === 2);
    return this.teal.descendants();
  }

  /** A request that is answered when the test says so. */
  askHeld(): Promise<string> {
    return this.#ask('/held', new Agent({ pipelining: 0 }));
  }

  /** App ids that an order, carried out or being carried out, has made live. */
  async pinned(): Promise<readonly string[]> {
    const { body } = await request(`${this.url}/_teal/orders`);
    const { orders } = (await body.json()) as { orders: Orders };
    return Object.values(orders.services).flatMap(({ pin }) => pin?.appId ?? []);
  }

  /** What 20 requests, each on a connection of its own, are answered. */
  async answers(): Promise<readonly string[]> {
    const fresh = new Agent({ pipelining: 0 });
    const all = await Promise.all(Array.from({ length: 20 }, () => this.#ask('/', fresh)));
    await fresh.close();
    return [...new Set(all)];
  }

  load(): Load {
    return new Load(this.address, this.service, [
      { name: 'keep-alive', path: '/', clients: 3, keepAlive: true, pauseMs: 5 },
      { name: 'new', path: '/', clients: 3, keepAlive: false, pauseMs: 5 },
    ]);
  }

  async #ask(path: string, dispatcher: Agent): Promise<string> {
    const url = `http://${this.address}:${this.service}${path}`;
    const { statusCode, body } = await request(url, { dispatcher });
    return `${statusCode} ${await body.text()}`;
  }
}
