// Readiness checks: asked only while a deployment waits for an instance, and never again after the first yes.

import { type ClientRequest, get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { AGENT_ADDRESS } from './agent.ts';
import { type ReadinessCheck, wantedPorts } from './app-definition.ts';
import type { Instance, Task } from './instance.ts';
import type { Instances } from './instances.ts';

const MAX_BODY_BYTES = 16_384;

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

function ask(check: ReadinessCheck, port: number): Promise<Answer> {
  const url = `${check.protocol.toLowerCase()}://${AGENT_ADDRESS}:${port}${check.path}`;
  return new Promise((resolve) => {
    let request: ClientRequest | undefined;
    const settle = (answer: Answer): void => {
      clearTimeout(timer);
      resolve(answer);
      request?.destroy();
    };
    const unreachable = (why: string): void =>
      settle({
        status: 504,
        contentType: 'text/plain',
        body: `Marathon could not query ${url}: ${why}`,
      });
    const timer = setTimeout(
      () => unreachable(`no answer within ${check.timeoutSeconds} s`),
      check.timeoutSeconds * 1000,
    );
    const answered = (response: IncomingMessage): void => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        if (body.length < MAX_BODY_BYTES) body += chunk;
      });
      response.on('error', (error) => unreachable(error.message));
      response.on('end', () =>
        settle({
          status: response.statusCode ?? 0,
          contentType: response.headers['content-type'] ?? 'text/plain',
          body,
        }),
      );
    };
    try {
      request =
        check.protocol === 'HTTPS'
          ? httpsGet(url, { agent: false, rejectUnauthorized: false }, answered)
          : httpGet(url, { agent: false }, answered);
    } catch (error) {
      unreachable(error instanceof Error ? error.message : String(error));
      return;
    }
    request.on('error', (error) => unreachable(error.message));
  });
}

/** Polls the instances of one deployment. */
export class ReadinessPolls {
  readonly #instances: Instances;
  readonly #asked = new Set<Task>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #stopped = false;

  constructor(instances: Instances) {
    this.#instances = instances;
  }

  /** Begins to ask the instance's present task, at once; does nothing when it is asked already or has no check. */
  follow(instance: Instance): void {
    const { task } = instance;
    const check = task?.app.readinessChecks?.[0];
    if (task === null || check === undefined || instance.condition !== 'Running') return;
    if (this.#asked.has(task)) return;
    this.#asked.add(task);
    void this.#poll(instance, task, check);
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }

  async #poll(instance: Instance, task: Task, check: ReadinessCheck): Promise<void> {
    const index = wantedPorts(task.app).findIndex((port) => port.name === check.portName);
    const answer = await ask(check, task.ports[index] ?? 0);
    if (this.#stopped || instance.task !== task || instance.condition !== 'Running') return;
    const ready = check.httpStatusCodesForReady.includes(answer.status);
    const result = { name: check.name, taskId: task.id, ready };
    instance.readiness = check.preserveLastResponse ? { ...result, lastResponse: answer } : result;
    if (!ready) {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        void this.#poll(instance, task, check);
      }, check.intervalSeconds * 1000);
      this.#timers.add(timer);
    }
    this.#instances.changed(instance.app.id);
  }
}
