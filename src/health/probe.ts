// One probe of one server, on a connection of its own. It always ends, by its limits at the latest, and
// never throws: whatever the server does is an outcome.

import type { Socket } from 'node:net';
import { Client, errors } from 'undici';
import type { CheckSpec, HttpAsk } from '../catalogue/claim.ts';
import { authorityOf, openConnection, wordsOf } from './connect.ts';
import type { CheckStatus, Outcome } from './outcome.ts';

const PLAIN: HttpAsk = { method: 'GET', host: '', statuses: [[200, 399]] };
const USER_AGENT = 'teal-health-check';
/** The verdict is in the head; a body is read only so that the server need not see a reset. */
const MAX_BODY_BYTES = 65_536;
const BODY_GRACE_MS = 500;
const MAX_HEAD_BYTES = 16_384;

/** Asks a server at `address` as its check says. `signal` calls it off, which is a SOCKERR. */
export async function probe(
  address: string,
  spec: CheckSpec,
  signal: AbortSignal,
): Promise<Outcome> {
  const startTick = performance.now();
  const outcome = (status: CheckStatus, code: number, text: string): Outcome => {
    return { status, code, durationMs: Math.round(performance.now() - startTick), text };
  };
  const target = { address, port: spec.port, secure: spec.kind === 'https' };
  const connection = await openConnection(target, spec, signal);
  if ('status' in connection) return outcome(connection.status, 0, connection.text);
  if (spec.kind === 'tcp') {
    connection.destroy();
    return outcome('L4OK', 0, '');
  }
  return ask(connection, authorityOf(address, spec.port), spec, signal, outcome);
}

async function ask(
  connection: Socket,
  authority: string,
  spec: CheckSpec,
  signal: AbortSignal,
  outcome: (status: CheckStatus, code: number, text: string) => Outcome,
): Promise<Outcome> {
  const limit = new AbortController();
  const callOff = (): void => limit.abort();
  let timer = setTimeout(callOff, spec.timeoutMs).unref();
  signal.addEventListener('abort', callOff);
  const client = clientOver(connection, authority);
  const { method, host, statuses } = spec.asks ?? PLAIN;
  try {
    const { statusCode, body } = await client.request({
      method,
      path: spec.path,
      headers: { host: host || authority, 'user-agent': USER_AGENT, accept: '*/*' },
      signal: limit.signal,
    });
    const good = statuses.some(([least, most]) => statusCode >= least && statusCode <= most);
    const result = outcome(good ? 'L7OK' : 'L7STS', statusCode, `HTTP status ${statusCode}`);
    clearTimeout(timer);
    timer = setTimeout(callOff, BODY_GRACE_MS).unref();
    await body.dump({ limit: MAX_BODY_BYTES, signal: limit.signal }).catch(() => {});
    return result;
  } catch (error) {
    if (signal.aborted) return outcome('SOCKERR', 0, 'called off');
    if (limit.signal.aborted) return outcome('L7TOUT', 0, '');
    return outcome('L7RSP', 0, error instanceof Error ? reasonOf(error) : String(error));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', callOff);
    connection.destroy();
    await client.destroy();
  }
}

/** A client that has this one connection and asks for its close after the answer. */
function clientOver(connection: Socket, authority: string): Client {
  let given = false;
  return new Client(`http://${authority}`, {
    pipelining: 0,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: MAX_HEAD_BYTES,
    connect: (_options, callback) => {
      const first = !given;
      given = true;
      // undici does not expect to be called back before it has let go.
      queueMicrotask(() => {
        if (first && !connection.destroyed) callback(null, connection);
        else callback(new Error('Connection closed by the server'), null);
      });
    },
  });
}

function reasonOf(error: Error): string {
  if (error instanceof errors.HTTPParserError) return 'Not an HTTP response';
  if (error instanceof errors.HeadersOverflowError) return 'Response head too large';
  if (error instanceof errors.SocketError) return 'Connection closed by the server';
  return wordsOf(error);
}
