// One order or question to one balancer's admin port. Whatever comes back, or does not, is an answer in one line;
// nothing is thrown.

import { Agent, request } from 'undici';
import type { OrderDone, OrderRequest } from '../../admin/order-request.ts';
import type { Orders } from '../../colour/orders.ts';
import { inFlightOn } from './in-flight.ts';

/** The fields that say something; the balancer fills in the others. */
export type Order = Pick<OrderRequest, 'order'> & Partial<OrderRequest>;

export type Done = Pick<OrderDone, 'epoch' | 'tookMs' | 'service' | 'live' | 'previous'> & {
  readonly workers: number;
  readonly byWorker: OrderDone['workers'];
  /** Empty = none was given. */
  readonly lease: string;
  /** When the freeze or the lease ends by itself, ms since 1970; 0 = there is none. */
  readonly untilMs: number;
};

export interface Failure {
  /** `silent`: whether it was carried out is not known. `refused`: nothing was changed there. */
  readonly kind: 'refused' | 'silent';
  /** The balancer's code; empty = it said none. */
  readonly code: string;
  /** One line: which balancer, why, what to do. */
  readonly error: string;
}

const PATH = '/_teal/orders';
const CONNECT_TIMEOUT_MS = 3_000;
/** Workers have five seconds to prepare and as many to commit. */
const ANSWER_TIMEOUT_MS = 15_000;
/** A thousand apps with ten servers each are some 5 MB. */
const MAX_ANSWER_BYTES = 64 * 1_048_576;

export class AdminClient {
  readonly #token: string;
  readonly #agent = new Agent({
    connect: { timeout: CONNECT_TIMEOUT_MS },
    maxResponseSize: MAX_ANSWER_BYTES,
    pipelining: 0,
  });

  /** `token`: empty = none is shown. */
  constructor(token: string) {
    this.#token = token;
  }

  /** `instance`: base URL. Never rejects. */
  async order(instance: string, order: Order): Promise<Done | Failure> {
    const asked = await this.#ask(instance, PATH, JSON.stringify(order));
    return 'error' in asked ? asked : readAnswer(instance, asked.status, asked.text);
  }

  /** What a GET of the API answers, an object. Never rejects. */
  async read(instance: string, path: string): Promise<{ readonly answer: object } | Failure> {
    const asked = await this.#ask(instance, path);
    if ('error' in asked) return asked;
    const { status, text } = asked;
    const answer = parse(text);
    if (status !== 200) return refused(instance, status, answer, path);
    if (Object.keys(answer).length > 0) return { answer };
    return silent(instance, `answers what no balancer answers: ${oneLine(text).slice(0, 60)}`);
  }

  /** What is ordered there; null = it does not say. Never rejects. */
  async orders(instance: string): Promise<Orders | null> {
    const read = await this.read(instance, PATH);
    if ('error' in read) return null;
    const orders: unknown = Reflect.get(read.answer, 'orders');
    return typeof orders === 'object' && orders !== null ? (orders as Orders) : null;
  }

  /** Sessions on a colour (its pxname) over all instances; null = one of them does not say. */
  inFlight(instances: readonly string[], pxname: string): Promise<number | null> {
    return inFlightOn(instances, pxname, this.#agent);
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #ask(instance: string, path: string, body?: string) {
    const authorization = this.#token === '' ? {} : { authorization: `Bearer ${this.#token}` };
    try {
      const answer = await request(`${instance}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...authorization,
        },
        ...(body === undefined ? {} : { body }),
        dispatcher: this.#agent,
        signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      });
      return { status: answer.statusCode, text: await answer.body.text() };
    } catch (error) {
      return silent(instance, `does not answer (${reasonOf(error)})`);
    }
  }
}

export function isDone(answer: Done | Failure): answer is Done {
  return !('error' in answer);
}

function readAnswer(instance: string, status: number, text: string): Done | Failure {
  const answer = parse(text);
  if (status !== 200) return refused(instance, status, answer, PATH);
  const { epoch, tookMs, service, live, previous, lease } = answer;
  if (typeof epoch !== 'number') {
    return silent(instance, `answers what no balancer answers: ${oneLine(text).slice(0, 60)}`);
  }
  return {
    epoch,
    tookMs: Number(tookMs ?? 0),
    ...workersIn(answer['workers']),
    service: textOf(service),
    live: typeof live === 'string' ? live : null,
    previous: typeof previous === 'string' ? previous : null,
    lease: textOf(lease),
    untilMs: Number(answer['untilMs'] ?? 0),
  };
}

function workersIn(workers: unknown): Pick<Done, 'workers' | 'byWorker'> {
  const listed: readonly unknown[] = Array.isArray(workers) ? workers : [];
  const byWorker = listed
    .filter((one) => typeof one === 'object' && one !== null)
    .map((one) => {
      const { pid, epoch, tookMs } = one as Readonly<Record<string, unknown>>;
      return { pid: Number(pid), epoch: Number(epoch), tookMs: Number(tookMs ?? 0) };
    });
  return { workers: listed.length, byWorker };
}

function refused(
  instance: string,
  status: number,
  answer: Readonly<Record<string, unknown>>,
  path: string,
): Failure {
  const error = textOf(answer['error']) || `no balancer that knows ${path} (status ${status})`;
  return { kind: 'refused', code: textOf(answer['code']), error: `${instance}: ${error}` };
}

function silent(instance: string, what: string): Failure {
  return { kind: 'silent', code: '', error: `${instance}: ${what}` };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? oneLine(value) : '';
}

/** It goes to a terminal: no line breaks, no escapes. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
}

/** undici keeps the reason in the cause, and Node's lists of tries in an AggregateError. */
export function reasonOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (inner instanceof AggregateError && inner.errors.length > 0) inner = inner.errors[0];
  return inner instanceof Error ? oneLine(inner.message) || inner.name : String(inner);
}
