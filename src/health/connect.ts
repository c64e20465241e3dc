// Opens one connection for a probe, in plain or with TLS, and says in which phase it failed.

import { connect as connectTcp, isIPv6, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { CheckStatus } from './outcome.ts';

/** Marathon-LB's `timeout connect`. */
const CONNECT_TIMEOUT_MS = 3_000;

export interface Limits {
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** Why there is no connection. */
export interface Failed {
  readonly status: CheckStatus;
  readonly text: string;
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by the server',
  EHOSTUNREACH: 'No route to host',
  ENETUNREACH: 'Network is unreachable',
};

/** These say that something is missing here, not there. */
const OURS: ReadonlySet<string> = new Set([
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EADDRNOTAVAIL',
]);

/** The socket has a listener for errors already; whoever gets it must destroy it. */
export function openConnection(
  target: { readonly address: string; readonly port: number; readonly secure: boolean },
  limits: Limits,
  signal: AbortSignal,
): Promise<Socket | Failed> {
  return new Promise((resolve) => {
    const { address, port, secure } = target;
    const destination = { host: address, port };
    // A server's certificate is made out to a name nobody here knows; it is not verified.
    const socket = secure
      ? connectTls({ ...destination, rejectUnauthorized: false })
      : connectTcp(destination);
    let connected = false;
    const settle = (result: Socket | Failed): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      if (result !== socket) socket.destroy();
      resolve(result);
    };
    const fail = (error: NodeJS.ErrnoException): void => settle(failureOf(error, connected));
    const onTime = (): void => {
      settle({ status: connected ? 'L6TOUT' : 'L4TOUT', text: '' });
    };
    const onAbort = (): void => settle({ status: 'SOCKERR', text: 'called off' });
    let timer = setTimeout(onTime, Math.min(CONNECT_TIMEOUT_MS, limits.intervalMs)).unref();
    signal.addEventListener('abort', onAbort);
    socket.on('error', fail);
    // A TLS connection that ends before the handshake is done emits no error of its own in all cases.
    socket.on('close', () => fail(new Error('Connection closed by the server')));
    socket.once('connect', () => {
      connected = true;
      if (!secure) {
        settle(socket);
        return;
      }
      clearTimeout(timer);
      timer = setTimeout(onTime, limits.timeoutMs).unref();
    });
    if (secure) socket.once('secureConnect', () => settle(socket));
  });
}

/** `10.0.0.1:80`, `[fd00::1]:80`. */
export function authorityOf(address: string, port: number): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}

/** One clause for an error. */
export function wordsOf(error: NodeJS.ErrnoException): string {
  return WORDS[error.code ?? ''] ?? (error.message.split('\n')[0] as string).slice(0, 120);
}

function failureOf(error: NodeJS.ErrnoException, connected: boolean): Failed {
  if (OURS.has(error.code ?? '')) return { status: 'SOCKERR', text: wordsOf(error) };
  if (connected) return { status: 'L6RSP', text: wordsOf(error) };
  return { status: error.code === 'ETIMEDOUT' ? 'L4TOUT' : 'L4CON', text: wordsOf(error) };
}
