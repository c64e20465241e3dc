// What simpleservice answers to a request: a pure function of the request and its environment.

import { createHash } from 'node:crypto';

export interface Environment {
  readonly version: string;
  /** Bounds of the random delay of /health: at least the first, less than the second. */
  readonly healthMinMs: number;
  readonly healthMaxMs: number;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly delayMs: number;
}

function milliseconds(text: string | undefined): number {
  const value = Number(text ?? 0);
  return Number.isFinite(value) && value > 0 ? value : 0;
}

export function readEnvironment(variables: Environment['variables']): Environment {
  return {
    version: variables['SIMPLE_SERVICE_VERSION'] ?? '0.5.0',
    healthMinMs: milliseconds(variables['HEALTH_MIN']),
    healthMaxMs: milliseconds(variables['HEALTH_MAX']),
    variables,
  };
}

/** `random` is in [0, 1). Without a span the delay is none, as in the original. */
export function healthDelayMs(environment: Environment, random: number): number {
  const { healthMinMs, healthMaxMs } = environment;
  if (healthMaxMs <= healthMinMs) return 0;
  return Math.floor(healthMinMs + random * (healthMaxMs - healthMinMs));
}

function send(status: number, type: string, body: string, delayMs = 0): Answer {
  const etag = createHash('sha1').update(body).digest('hex');
  const headers: Record<string, string> = {
    Server: 'TornadoServer/4.3',
    'Content-Type': type,
    'Content-Length': String(Buffer.byteLength(body)),
  };
  if (status === 200) headers['Etag'] = `"${etag}"`;
  return { status, headers, body, delayMs };
}

function json(value: object, delayMs = 0): Answer {
  return send(200, 'application/json', spaced(value), delayMs);
}

/** JSON with a blank after each colon and comma, as Python writes it. */
function spaced(value: object): string {
  const parts = Object.entries(value).map(([key, field]) => {
    const text =
      typeof field === 'object' && field !== null ? spaced(field) : JSON.stringify(field);
    return `${JSON.stringify(key)}: ${text}`;
  });
  return `{${parts.join(', ')}}`;
}

function httpError(status: number, reason: string): Answer {
  const line = `${status}: ${reason}`;
  const page = `<html><title>${line}</title><body>${line}</body></html>`;
  return send(status, 'text/html; charset=UTF-8', page);
}

/** `host` is the Host header as it came: the tutorial reads its own address and port there. */
export function answer(
  method: string,
  target: string,
  host: string,
  environment: Environment,
): Answer {
  const path = target.split('?')[0];
  const { version } = environment;
  const known = ['/endpoint0', '/health', '/info', '/env'].includes(path ?? '');
  if (!known) return httpError(404, 'Not Found');
  if (method !== 'GET' && method !== 'HEAD') return httpError(405, 'Method Not Allowed');
  switch (path) {
    case '/endpoint0':
      return json({ host, version, result: 'all is well' });
    case '/health':
      return json({ healthy: true }, healthDelayMs(environment, Math.random()));
    case '/info':
      return json({ version, host, from: '127.0.0.1' });
    default:
      return json({ version, env: String(JSON.stringify(environment.variables)) });
  }
}
