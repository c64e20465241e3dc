// A record as a line of HAProxy's log: `option httplog`, and `option tcplog` for connections
// (haproxy.md §2.2). Printable ASCII, no line end.

import type { AccessRecord, RequestRecord } from './access-record.ts';
import { braced, quoted, word } from './log-text.ts';
import { haproxySecond, millisOf, SecondText } from './log-time.ts';

export class HttpLog {
  readonly #seconds = new SecondText(haproxySecond);

  line(record: AccessRecord): string {
    const { startedAtMs, clientAddress, clientPort, request } = record;
    const date = `${this.#seconds.of(startedAtMs)}.${millisOf(startedAtMs)}`;
    const from = `${word(clientAddress)}:${clientPort} [${date}] ${wayOf(record)}`;
    return request === null ? `${from} ${tcpPart(record)}` : `${from} ${httpPart(record, request)}`;
  }
}

function wayOf({ frontend, encrypted, backend, server }: AccessRecord): string {
  const front = word(frontend);
  const back = backend === '' ? front : word(backend);
  return `${front}${encrypted ? '~' : ''} ${back}/${server === '' ? '<NOSRV>' : word(server)}`;
}

function httpPart(record: AccessRecord, request: RequestRecord): string {
  const { queueMs, connectMs, totalMs, bytesOut, termination } = record;
  const times = `${request.readMs}/${queueMs}/${connectMs}/${request.responseMs}/${totalMs}`;
  const captured =
    request.captured.length === 0 ? '' : `{${request.captured.map(braced).join('|')}} `;
  const line = `${captured}"${quoted(requestLineOf(request))}"`;
  return `${times} ${request.status} ${bytesOut} - - ${termination} ${countsOf(record)} ${line}`;
}

function tcpPart(record: AccessRecord): string {
  const { queueMs, connectMs, totalMs, bytesOut, termination } = record;
  const letters = termination.slice(0, 2);
  return `${queueMs}/${connectMs}/${totalMs} ${bytesOut} ${letters} ${countsOf(record)}`;
}

function countsOf(record: AccessRecord): string {
  const { connections, frontendConnections, backendInFlight, serverInFlight } = record;
  const retries = `${record.redispatched ? '+' : ''}${record.retries}`;
  const counts = `${connections}/${frontendConnections}/${backendInFlight}/${serverInFlight}`;
  return `${counts}/${retries} ${record.serverQueue}/${record.backendQueue}`;
}

function requestLineOf({ method, target, isHttp11 }: RequestRecord): string {
  return method === '' ? '<BADREQ>' : `${method} ${target} HTTP/1.${isHttp11 ? 1 : 0}`;
}
