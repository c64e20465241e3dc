// What commands read and order of apps in Marathon. The first Marathon of the list that answers is asked;
// what it refuses is said in its own words.

import { type Agent, request } from 'undici';
import type { MarathonAccess } from '../../marathon/access.ts';
import { type Credentials, credentialsFor } from '../../marathon/credentials.ts';
import { openAgent, reasonOf } from '../../marathon/http.ts';
import { LoginEndpoint } from '../../marathon/login-endpoint.ts';

/** An app as Marathon says it, as far as commands look at it. */
export interface AppState {
  readonly id: string;
  readonly instances: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Ids. */
  readonly tasks: readonly string[];
  readonly tasksRunning: number;
  readonly tasksHealthy: number;
  readonly hasHealthChecks: boolean;
  /** When its definition changed last, but for its scale; ms since 1970, 0 = Marathon does not say. */
  readonly configuredAtMs: number;
  /** True while Marathon is changing it. */
  readonly deploying: boolean;
  /** Whole, as it came. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** Marathon did not do it; one line: where, what, why. */
export class MarathonFault extends Error {
  /** `silent`: whether it was done is not known. */
  readonly kind: 'refused' | 'silent';

  constructor(kind: 'refused' | 'silent', message: string) {
    super(message);
    this.kind = kind;
  }
}

const TIMEOUT_MS = 10_000;
const MAX_REASON = 300;

export class MarathonDesk {
  readonly #agent: Agent;
  readonly #credentials: Credentials;
  #urls: readonly string[];

  /** Base URLs in order of preference. */
  constructor(urls: readonly string[], { login, trust }: MarathonAccess) {
    this.#urls = urls;
    this.#agent = openAgent(TIMEOUT_MS, trust);
    this.#credentials = credentialsFor(login, (account) => new LoginEndpoint(account, trust));
  }

  /** Null = there is none. Throws MarathonFault. */
  async app(id: string): Promise<AppState | null> {
    const { status, text } = await this.#ask('GET', pathOf(id));
    if (status === 404) return null;
    const answer = asObject(parse(text));
    if (status !== 200 || !('app' in answer)) throw this.#refused('GET', id, status, text);
    return readState(asObject(answer['app']));
  }

  /** Creates an app, or changes what `body` says of one. Throws MarathonFault. */
  async put(id: string, body: object): Promise<void> {
    const { status, text } = await this.#ask('PUT', pathOf(id), JSON.stringify(body));
    if (status >= 300) throw this.#refused('PUT', id, status, text);
  }

  /** All apps, without their tasks. Throws MarathonFault. */
  async apps(): Promise<readonly AppState[]> {
    const { status, text } = await this.#ask('GET', '/v2/apps');
    const { apps } = asObject(parse(text));
    if (status !== 200 || !Array.isArray(apps)) throw this.#refused('GET', 'apps', status, text);
    return apps.map((app) => readState(asObject(app)));
  }

  /** Refused where there is one of that id. Throws MarathonFault. */
  async create(app: Readonly<Record<string, unknown>>): Promise<void> {
    const { status, text } = await this.#ask('POST', '/v2/apps', JSON.stringify(app));
    if (status >= 300) throw this.#refused('POST', String(app['id']), status, text);
  }

  /** These tasks go, and their apps want so many fewer. Throws MarathonFault. */
  async kill(taskIds: readonly string[]): Promise<void> {
    const body = JSON.stringify({ ids: taskIds });
    const { status, text } = await this.#ask('POST', '/v2/tasks/delete?scale=true', body);
    if (status >= 300) throw this.#refused('POST', 'tasks/delete', status, text);
  }

  /** `force`: whatever Marathon is doing to it ends. Throws MarathonFault. */
  async remove(id: string, force = false): Promise<void> {
    const path = `${pathOf(id)}${force ? '?force=true' : ''}`;
    const { status, text } = await this.#ask('DELETE', path);
    if (status >= 300 && status !== 404) throw this.#refused('DELETE', id, status, text);
  }

  async close(): Promise<void> {
    await Promise.all([this.#agent.destroy(), this.#credentials.close()]);
  }

  /** The next Marathon is asked only where one cannot be reached: what is refused stays refused. */
  async #ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: string) {
    const faults: string[] = [];
    for (const url of this.#urls) {
      try {
        const signal = AbortSignal.timeout(TIMEOUT_MS);
        const authorization = await this.#credentials.authorization(signal);
        const answer = await request(`${url}${path}`, {
          method,
          headers: {
            accept: 'application/json',
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...(authorization === '' ? {} : { authorization }),
          },
          ...(body === undefined ? {} : { body }),
          dispatcher: this.#agent,
          signal,
        });
        const text = await answer.body.text();
        this.#urls = [url, ...this.#urls.filter((other) => other !== url)];
        return { status: answer.statusCode, text };
      } catch (error) {
        faults.push(`${url} (${reasonOf(error)})`);
      }
    }
    throw new MarathonFault('silent', `no Marathon answers: ${faults.join(', ')}`);
  }

  #refused(method: string, id: string, status: number, text: string): MarathonFault {
    const reason = text.replaceAll(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, MAX_REASON);
    return new MarathonFault(
      'refused',
      `${this.#urls[0]}: ${method} ${id}: status ${status} ${reason}`,
    );
  }
}

function pathOf(id: string): string {
  return `/v2/apps${id.split('/').map(encodeURIComponent).join('/')}`;
}

function readState(app: Readonly<Record<string, unknown>>): AppState {
  const listOf = (key: string): readonly unknown[] => {
    const value = app[key];
    return Array.isArray(value) ? value : [];
  };
  const numberOf = (key: string): number => Number(app[key] ?? 0);
  return {
    id: String(app['id']),
    instances: numberOf('instances'),
    labels: Object.fromEntries(
      Object.entries(asObject(app['labels'])).map(([name, value]) => [name, String(value)]),
    ),
    tasks: listOf('tasks').map((task) => String(asObject(task)['id'])),
    tasksRunning: numberOf('tasksRunning'),
    tasksHealthy: numberOf('tasksHealthy'),
    hasHealthChecks: listOf('healthChecks').length > 0,
    configuredAtMs: timeOf(asObject(app['versionInfo'])['lastConfigChangeAt']),
    deploying: listOf('deployments').length > 0,
    json: app,
  };
}

function timeOf(value: unknown): number {
  return typeof value === 'string' ? Date.parse(value) || 0 : 0;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
