// The two clients the tests speak to an embedded Marathon with: plain requests and the event stream.

import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PATIENCE_MS = 15_000;

export interface TaskView {
  readonly id: string;
  readonly appId: string;
  readonly host: string;
  readonly state: string;
  readonly ports: readonly number[];
  readonly servicePorts: readonly number[];
  readonly version: string;
  readonly healthCheckResults: readonly {
    readonly alive: boolean;
    readonly consecutiveFailures: number;
    readonly lastFailureCause?: string;
  }[];
}

export interface AppView {
  readonly id: string;
  readonly cmd?: string;
  readonly instances: number;
  readonly version: string;
  readonly versionInfo: { readonly lastScalingAt: string; readonly lastConfigChangeAt: string };
  readonly labels: Readonly<Record<string, string>>;
  readonly portDefinitions: readonly { readonly port: number }[];
  readonly healthChecks?: readonly object[];
  readonly deployments: readonly { readonly id: string }[];
  readonly tasks: readonly TaskView[];
  readonly tasksRunning: number;
  readonly tasksHealthy: number;
  readonly tasksUnhealthy: number;
  readonly readinessCheckResults?: readonly { readonly ready: boolean }[];
  readonly lastTaskFailure?: { readonly message: string; readonly state: string };
}

/** Everything an answer may hold; what a test reads but the answer lacks fails its expectation. */
export interface Body extends AppView {
  readonly app: AppView;
  readonly apps: readonly AppView[];
  readonly task: TaskView;
  readonly groups: readonly Body[];
  readonly deploymentId: string;
  readonly message: string;
  readonly details: unknown;
  readonly versions: readonly string[];
  readonly queue: readonly {
    readonly app: { readonly id: string };
    readonly count: number;
    readonly delay: { overdue: boolean };
  }[];
  readonly leader: string;
  readonly name: string;
  readonly steps: readonly object[];
  readonly '*': readonly AppView[];
}

export interface Answer<T> {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Undefined when the text is no JSON. */
  readonly json: T;
}

function collect(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      text += chunk;
    });
    response.on('end', () => resolve(text));
    response.on('error', reject);
  });
}

function parsed<T>(text: string): T {
  try {
    return JSON.parse(text);
  } catch {
    return undefined as T;
  }
}

/** A string body is sent as it is, anything else as JSON. */
export function call<T = Body>(
  port: number,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<T>> {
  const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const own: Record<string, string> =
    sent === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': `${Buffer.byteLength(sent)}` };
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method, path, agent: false };
    const outgoing = request({ ...options, headers: { ...own, ...headers } }, async (response) => {
      const text = await collect(response);
      const { statusCode: status = 0, headers: received } = response;
      resolve({ status, headers: received, text, json: parsed<T>(text) });
    });
    outgoing.on('error', reject);
    outgoing.end(sent);
  });
}

/** Polls what lies outside this process until `read` gives something. */
export async function until<T>(what: string, read: () => Promise<T | false>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const value = await read();
    if (value !== false) return value;
    if (Date.now() > deadline) throw new Error(`gave up waiting until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A path nobody else uses, for a task to say by that it is ready. */
export function signalFile(): string {
  return join(tmpdir(), `teal-test-${randomUUID()}`);
}

export function exists(path: string): Promise<true> {
  return until(`${path} exists`, async () => existsSync(path));
}

/** The app once no deployment holds it any more. */
export function settled(port: number, id: string): Promise<AppView> {
  return until(`${id} is at rest`, async () => {
    const { json } = await call(port, 'GET', `/v2/apps/${id}`);
    return json.app.deployments.length === 0 && json.app;
  });
}

/** What of an event's data the tests read. */
export interface EventData {
  readonly eventType: string;
  readonly timestamp: string;
  readonly appId: string;
  readonly taskId: string;
  readonly taskStatus: string;
  readonly message: string;
  readonly reason: string;
  readonly id: string;
  readonly alive: boolean;
  readonly condition: string;
  readonly uri: string;
  readonly appDefinition: AppView;
  readonly groupId: string;
  readonly plan: { readonly id: string; readonly steps: readonly object[] };
}

export class EventClient {
  raw = '';
  headers: IncomingHttpHeaders = {};
  readonly events: EventData[] = [];
  #rest = '';
  #close: () => void = () => {};
  readonly #looking = new Set<() => void>();

  static open(port: number, query = ''): Promise<EventClient> {
    const client = new EventClient();
    const headers = { accept: 'text/event-stream' };
    const options = { host: '127.0.0.1', port, path: `/v2/events${query}`, headers, agent: false };
    return new Promise((resolve, reject) => {
      const outgoing = request(options, (response) => {
        client.headers = response.headers;
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => client.#take(chunk));
        response.on('error', () => {});
        resolve(client);
      });
      outgoing.on('error', reject);
      outgoing.end();
      client.#close = () => outgoing.destroy();
    });
  }

  close(): void {
    this.#close();
  }

  of(type: string): readonly EventData[] {
    return this.events.filter((event) => event.eventType === type);
  }

  /** The first event, past ones included, that `wanted` accepts. */
  next(what: string, wanted: (event: EventData) => boolean): Promise<EventData> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no ${what}; came: ${this.events.map((e) => e.eventType)}`)),
        PATIENCE_MS,
      );
      const look = (): void => {
        const found = this.events.find(wanted);
        if (!found) return;
        clearTimeout(timer);
        this.#looking.delete(look);
        resolve(found);
      };
      this.#looking.add(look);
      look();
    });
  }

  #take(chunk: string): void {
    this.raw += chunk;
    const lines = (this.#rest + chunk).split('\r\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('data: ')) this.events.push(parsed<EventData>(line.slice(6)));
    }
    for (const look of [...this.#looking]) look();
  }
}
