// A record as one JSON object in one line, ASCII throughout: what HAProxy's line has, by name, and
// what it has no place for (colour, epoch, id of the request).

import type { AccessRecord, RequestRecord } from './access-record.ts';
import { jsonText } from './log-text.ts';
import { millisOf, SecondText, utcSecond } from './log-time.ts';

export class JsonLog {
  readonly #seconds = new SecondText(utcSecond);
  readonly #captures: readonly string[];

  /** `captures` are the names of what `captured` has the values of. */
  constructor(captures: readonly string[]) {
    this.#captures = captures;
  }

  line(record: AccessRecord): string {
    const { startedAtMs } = record;
    const time = `${this.#seconds.of(startedAtMs)}.${millisOf(startedAtMs)}Z`;
    return lineOf(record, time, this.#captures);
  }
}

function lineOf(record: AccessRecord, time: string, captures: readonly string[]): string {
  const { request } = record;
  const kind = request === null ? 'tcp' : 'http';
  const http = request === null ? '' : requestPart(request, captures);
  return (
    `{"time":"${time}","name":"teal","log":"access",` +
    `"kind":"${kind}","client":${jsonText(record.clientAddress)},"clientPort":${record.clientPort},` +
    `"frontend":${jsonText(record.frontend)},"tls":${record.encrypted},` +
    `"backend":${jsonText(record.backend)},"server":${jsonText(record.server)},` +
    `"colour":${jsonText(record.colour)},"epoch":${record.epoch},${http}` +
    `"queueMs":${record.queueMs},"connectMs":${record.connectMs},"totalMs":${record.totalMs},` +
    `"bytesIn":${record.bytesIn},"bytesOut":${record.bytesOut},` +
    `"termination":"${record.termination}","connections":${record.connections},` +
    `"frontendConnections":${record.frontendConnections},` +
    `"backendInFlight":${record.backendInFlight},"serverInFlight":${record.serverInFlight},` +
    `"retries":${record.retries},"redispatched":${record.redispatched},` +
    `"serverQueue":${record.serverQueue},"backendQueue":${record.backendQueue}}`
  );
}

function requestPart(request: RequestRecord, captures: readonly string[]): string {
  const captured = captures.length === 0 ? '' : capturedPart(request.captured, captures);
  return (
    `"method":${jsonText(request.method)},"target":${jsonText(request.target)},` +
    `"version":"1.${request.isHttp11 ? 1 : 0}","status":${request.status},` +
    `"id":${jsonText(request.id)},${captured}` +
    `"readMs":${request.readMs},"responseMs":${request.responseMs},`
  );
}

function capturedPart(values: readonly string[], names: readonly string[]): string {
  const pairs = names.map((name, i) => `${jsonText(name)}:${jsonText(values[i] ?? '')}`);
  return `"captured":{${pairs.join(',')}},`;
}
