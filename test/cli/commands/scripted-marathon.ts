// A Marathon of a few apps that do at once what is ordered of them.

import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

interface App {
  instances: number;
  labels: Readonly<Record<string, string>>;
}

export class ScriptedMarathon {
  /** By id. */
  readonly apps = new Map<string, App>();
  /** `PUT /shop-blue {"instances":0}` in the order they came. */
  readonly changes: string[] = [];
  /** Ids of apps whose tasks never get healthy, or are all lost. */
  readonly sick = new Set<string>();
  readonly #server = http.createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    request.on('end', () => {
      const id = (request.url ?? '').replace('/v2/apps', '');
      const { method = '' } = request;
      if (method !== 'GET') this.#change(method, id, text);
      const app = this.apps.get(id);
      response.statusCode = app === undefined && method === 'GET' ? 404 : 200;
      response.end(JSON.stringify(app === undefined ? {} : { app: this.#shown(id, app) }));
    });
  });

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #change(method: string, id: string, text: string): void {
    this.changes.push(`${method} ${id}`);
    if (method === 'DELETE') {
      this.apps.delete(id);
      return;
    }
    const before = this.apps.get(id) ?? { instances: 1, labels: {} };
    this.apps.set(id, { ...before, ...(JSON.parse(text) as Partial<App>) });
  }

  #shown(id: string, { instances, labels }: App): object {
    const usable = this.sick.has(id) ? 0 : instances;
    const tasks = Array.from({ length: instances }, (_, place) => ({ id: `${id}.${place}` }));
    return {
      ...{ id, instances, labels, tasks, deployments: [], healthChecks: [{}] },
      ...{ tasksRunning: instances, tasksHealthy: usable },
    };
  }
}
