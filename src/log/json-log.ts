// A record as one JSON object in one line, ASCII throughout: what HAProxy's line has, by name, and
// what it has no place for (colour, epoch, id of the request).

import type { AccessRecord, RefusalRecord, RequestRecord } from './access-record.ts';
import { KeptClients, KeptNames, KeptNumbers, KeptWays, type Way } from './kept-pieces.ts';
import { type LineBuffer, type Piece, pieceOf } from './line-buffer.ts';
import { jsonText, putJson } from './log-text.ts';
import { KeptSecond, millisOf, utcSecond } from './log-time.ts';

const HTTP = pieceOf('Z","name":"teal","log":"access","kind":"http"');
const TCP = pieceOf('Z","name":"teal","log":"access","kind":"tcp"');
const REFUSED = pieceOf('Z","name":"teal","log":"access","kind":"refused"');
const ID = pieceOf(',"id":');
const END = pieceOf('}');
/** Neither retries nor a wait. */
const AT_ONCE = pieceOf(',"retries":0,"redispatched":false,"serverQueue":0,"backendQueue":0}');
const REDISPATCHED = pieceOf(',"redispatched":true');
const NOT_REDISPATCHED = pieceOf(',"redispatched":false');

const STATUS_11 = new KeptNumbers(',"version":"1.1","status":');
const STATUS_10 = new KeptNumbers(',"version":"1.0","status":');
const READ_MS = new KeptNumbers(',"readMs":');
const RESPONSE_MS = new KeptNumbers(',"responseMs":');
/** What most requests have, in one piece. */
const UNNAMED_AT_ONCE = new KeptNumbers(',"id":"","readMs":0,"responseMs":');
const ON_OPEN_CONNECTION = new KeptNumbers(',"queueMs":0,"connectMs":0,"totalMs":');
const QUEUE_MS = new KeptNumbers(',"queueMs":');
const CONNECT_MS = new KeptNumbers(',"connectMs":');
const TOTAL_MS = new KeptNumbers(',"totalMs":');
const BYTES_IN = new KeptNumbers(',"bytesIn":');
const BYTES_OUT = new KeptNumbers(',"bytesOut":');
const CONNECTIONS = new KeptNumbers(',"connections":');
const FRONTEND_CONNECTIONS = new KeptNumbers(',"frontendConnections":');
const BACKEND_IN_FLIGHT = new KeptNumbers(',"backendInFlight":');
const SERVER_IN_FLIGHT = new KeptNumbers(',"serverInFlight":');
const RETRIES = new KeptNumbers(',"retries":');
const SERVER_QUEUE = new KeptNumbers(',"serverQueue":');
const BACKEND_QUEUE = new KeptNumbers(',"backendQueue":');

export class JsonLog {
  readonly #seconds = new KeptSecond((date) => `{"time":"${utcSecond(date)}.`);
  readonly #clients = new KeptClients(
    (address, port) => `,"client":${jsonText(address)},"clientPort":${port}`,
  );
  readonly #ways = new KeptWays(wayOf);
  readonly #methods = new KeptNames((method) => `,"method":${jsonText(method)},"target":`);
  readonly #letters = new KeptNames((letters) => `,"termination":"${letters}"`);
  /** What stands before each captured value, with the name of it. */
  readonly #captures: readonly Piece[];

  /** `captures` are the names of what `captured` has the values of. */
  constructor(captures: readonly string[]) {
    this.#captures = captures.map((name, place) =>
      pieceOf(`${place === 0 ? ',"captured":{' : ','}${jsonText(name)}:`),
    );
  }

  put(record: AccessRecord, into: LineBuffer): void {
    const { startedAtMs, request } = record;
    into.put(this.#seconds.of(startedAtMs));
    into.millis(millisOf(startedAtMs));
    into.put(request === null ? TCP : HTTP);
    into.put(this.#clients.of(record.clientAddress, record.clientPort));
    into.put(this.#ways.of(record));
    if (request !== null) this.#putRequest(request, into);
    putTimes(record, into);
    BYTES_IN.put(into, record.bytesIn);
    BYTES_OUT.put(into, record.bytesOut);
    into.put(this.#letters.of(record.termination));
    CONNECTIONS.put(into, record.connections);
    FRONTEND_CONNECTIONS.put(into, record.frontendConnections);
    BACKEND_IN_FLIGHT.put(into, record.backendInFlight);
    SERVER_IN_FLIGHT.put(into, record.serverInFlight);
    putTries(record, into);
  }

  putRefusal(record: RefusalRecord, into: LineBuffer): void {
    const { startedAtMs, clientAddress, clientPort, frontend, fault } = record;
    into.put(this.#seconds.of(startedAtMs));
    into.millis(millisOf(startedAtMs));
    into.put(REFUSED);
    into.put(this.#clients.of(clientAddress, clientPort));
    into.put(pieceOf(`,"frontend":${jsonText(frontend)},"fault":${jsonText(fault)}`));
    into.put(END);
  }

  #putRequest(request: RequestRecord, into: LineBuffer): void {
    const { method, target, isHttp11, status, id, readMs, responseMs } = request;
    into.put(this.#methods.of(method));
    putJson(into, target);
    (isHttp11 ? STATUS_11 : STATUS_10).put(into, status);
    if (id === '' && readMs === 0 && this.#captures.length === 0) {
      UNNAMED_AT_ONCE.put(into, responseMs);
      return;
    }
    into.put(ID);
    putJson(into, id);
    if (this.#captures.length > 0) this.#putCaptured(request.captured, into);
    READ_MS.put(into, readMs);
    RESPONSE_MS.put(into, responseMs);
  }

  #putCaptured(values: readonly string[], into: LineBuffer): void {
    this.#captures.forEach((before, place) => {
      into.put(before);
      putJson(into, values[place] ?? '');
    });
    into.put(END);
  }
}

function wayOf({ frontend, encrypted, backend, server, colour, epoch }: Way): string {
  return (
    `,"frontend":${jsonText(frontend)},"tls":${encrypted},"backend":${jsonText(backend)},` +
    `"server":${jsonText(server)},"colour":${jsonText(colour)},"epoch":${epoch}`
  );
}

function putTimes({ queueMs, connectMs, totalMs }: AccessRecord, into: LineBuffer): void {
  if (queueMs === 0 && connectMs === 0) {
    ON_OPEN_CONNECTION.put(into, totalMs);
    return;
  }
  QUEUE_MS.put(into, queueMs);
  CONNECT_MS.put(into, connectMs);
  TOTAL_MS.put(into, totalMs);
}

function putTries(record: AccessRecord, into: LineBuffer): void {
  const { redispatched, retries, serverQueue, backendQueue } = record;
  if (retries === 0 && serverQueue === 0 && backendQueue === 0 && !redispatched) {
    into.put(AT_ONCE);
    return;
  }
  RETRIES.put(into, retries);
  into.put(redispatched ? REDISPATCHED : NOT_REDISPATCHED);
  SERVER_QUEUE.put(into, serverQueue);
  BACKEND_QUEUE.put(into, backendQueue);
  into.put(END);
}
