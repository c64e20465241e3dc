// A Marathon of a few apps that do at once what is ordered of them.

import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

interface App {
  instances: number;
  labels: Readonly<Record<string, string>>;
  versionInfo?: { readonly lastConfigChangeAt: string };
}

/** Tasks are numbered: those with the highest numbers are to be killed first. */
const KILL = '/v2/tasks/delete?scale=true';

export class ScriptedMarathon {
  /** By id. */
  readonly apps = new Map<string, App>();
  /** `PUT /shop-blue {"instances":0}` in the order they came. */
  readonly changes: string[] = [];
  /** `POST /shop-green`: what is answered with 500. */
  readonly refuses = new Set<string>();
  /** Ids of apps whose tasks never get healthy, or are all lost. */
  readonly sick = new Set<string>();
  readonly #server = http.createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    request.on('end', () => {
      const { method = '' } = request;
      const path = (request.url ?? '').replace('/v2/apps', '');
      const id =
        path === '' && method === 'POST' ? String(Reflect.get(JSON.parse(text), 'id')) : path;
      if (this.refuses.has(`${method} ${id}`)) {
        response.writeHead(500).end('{"message":"no"}');
        return;
      }
      if (method !== 'GET') this.#change(method, id, text);
      const app = this.apps.get(id);
      const all = [...this.apps].map(([name, one]) => this.#shown(name, one));
      response.statusCode = app === undefined && id !== '' && method === 'GET' ? 404 : 200;
      response.end(
        JSON.stringify(
          id === '' ? { apps: all } : app === undefined ? {} : { app: this.#shown(id, app) },
        ),
      );
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
    if (id === KILL) {
      for (const task of (JSON.parse(text) as { ids: string[] }).ids) {
        const app = this.apps.get(task.slice(0, task.lastIndexOf('.')));
        if (app !== undefined) app.instances -= 1;
      }
      return;
    }
    const before = this.apps.get(id) ?? { instances: 1, labels: {} };
    this.apps.set(id, { ...before, ...(JSON.parse(text) as Partial<App>) });
  }

  #shown(id: string, { instances, labels, versionInfo }: App): object {
    const usable = this.sick.has(id) ? 0 : instances;
    const tasks = Array.from({ length: instances }, (_, place) => ({ id: `${id}.${place}` }));
    return {
      ...{ id, instances, labels, tasks, deployments: [], healthChecks: [{}] },
      ...{ tasksRunning: instances, tasksHealthy: usable },
      ...(versionInfo === undefined ? {} : { versionInfo }),
    };
  }
}
