// One probe each of the kinds of health check. A probe never throws: whatever goes wrong is its result.

import { get as httpGet, type IncomingMessage, STATUS_CODES } from 'node:http';
import { get as httpsGet } from 'node:https';
import { connect } from 'node:net';
import type { ProbeResult } from './check-health.ts';

export interface ProbeTarget {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
}

export interface HttpProbe extends ProbeTarget {
  readonly tls: boolean;
  readonly path: string;
  readonly ignoreHttp1xx: boolean;
}

const ALIVE: ProbeResult = { outcome: 'alive' };

function failed(cause: string): ProbeResult {
  return { outcome: 'failed', cause };
}

function judge(status: number, ignoreHttp1xx: boolean): ProbeResult {
  if (status >= 200 && status < 400) return ALIVE;
  if (status < 200 && ignoreHttp1xx) return { outcome: 'ignored' };
  return failed(`${status} ${STATUS_CODES[status] ?? ''}`.trim());
}

/** 200–399 within the time is alive; redirects are not followed, certificates not checked, bodies not read. */
export function probeHttp(probe: HttpProbe): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const path = probe.path.startsWith('/') ? probe.path : `/${probe.path}`;
    const options = { host: probe.host, port: probe.port, path, agent: false };
    let request: ReturnType<typeof httpGet>;
    const settle = (result: ProbeResult): void => {
      clearTimeout(timer);
      resolve(result);
      request?.destroy();
    };
    const timer = setTimeout(
      () => settle(failed(`no answer within ${probe.timeoutMs} ms`)),
      probe.timeoutMs,
    );
    const answered = (response: IncomingMessage): void =>
      settle(judge(response.statusCode ?? 0, probe.ignoreHttp1xx));
    try {
      request = probe.tls
        ? httpsGet({ ...options, rejectUnauthorized: false }, answered)
        : httpGet(options, answered);
    } catch (error) {
      // A path that cannot stand in a request line.
      settle(failed(error instanceof Error ? error.message : String(error)));
      return;
    }
    request.on('upgrade', (response, socket) => {
      socket.destroy();
      answered(response);
    });
    request.on('error', (error) => settle(failed(error.message)));
  });
}

export function probeTcp(probe: ProbeTarget): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = connect({ host: probe.host, port: probe.port });
    const settle = (result: ProbeResult): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(
      () => settle(failed(`no connection within ${probe.timeoutMs} ms`)),
      probe.timeoutMs,
    );
    socket.once('connect', () => settle(ALIVE));
    socket.on('error', (error) => settle(failed(error.message)));
  });
}
