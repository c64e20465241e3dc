// What a person does with curl against Marathon, and waiting for what they would watch for.

import { readFileSync } from 'node:fs';
import http from 'node:http';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';

interface AppState {
  readonly instances: number;
  readonly tasksHealthy: number;
  readonly tasksRunning: number;
  readonly deployments: readonly { readonly id: string }[];
  readonly tasks: readonly { readonly id: string; readonly state: string }[];
}

/** A file of the tutorial as it stands. */
export function tutorialFile(name: string): string {
  return readFileSync(
    fileURLToPath(new URL(`../../src/embedded/tutorial/${name}`, import.meta.url)),
    'utf8',
  );
}

export class MarathonClient {
  /** When each deployment ended, as seen on the event stream; ms since 1970. */
  readonly deploymentsEndedAtMs: number[] = [];
  readonly #base: string;

  constructor(port: number) {
    this.#base = `http://127.0.0.1:${port}`;
  }

  /** Follows the event stream; returns what ends it. */
  watchDeployments(): () => void {
    const headers = { accept: 'text/event-stream' };
    const path = `${this.#base}/v2/events?event_type=deployment_success`;
    const watching = http.get(path, { headers, agent: false }, (response) => {
      response.setEncoding('utf8').on('data', (text: string) => {
        if (text.includes('event: deployment_success')) this.deploymentsEndedAtMs.push(Date.now());
      });
      response.on('error', () => {});
    });
    watching.on('error', () => {});
    return () => watching.destroy();
  }

  async send(method: 'POST' | 'PUT' | 'DELETE', path: string, body: string): Promise<void> {
    const answer = await request(`${this.#base}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body,
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300)
      throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
  }

  async app(id: string): Promise<AppState> {
    const answer = await request(`${this.#base}/v2/apps${id}`);
    return ((await answer.body.json()) as { app: AppState }).app;
  }

  /** Asks again until the app is as wanted. */
  async until(id: string, what: string, wanted: (app: AppState) => boolean, timeoutMs = 60_000) {
    const deadlineMs = Date.now() + timeoutMs;
    for (;;) {
      const app = await this.app(id);
      if (wanted(app)) return app;
      if (Date.now() > deadlineMs)
        throw new Error(`${id} is not '${what}': ${JSON.stringify(app)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** All instances healthy and no deployment running. */
  settled(id: string, instances: number) {
    return this.until(
      id,
      `settled with ${instances}`,
      (app) =>
        app.instances === instances &&
        app.deployments.length === 0 &&
        app.tasks.length === instances &&
        app.tasksHealthy === instances,
    );
  }
}
