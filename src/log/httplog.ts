// A record as a line of HAProxy's log: `option httplog`, and `option tcplog` for connections
// (haproxy.md §2.2). Printable ASCII, no line end.

import type { AccessRecord, RefusalRecord, RequestRecord } from './access-record.ts';
import { KeptClients, KeptNames, KeptWays, type Way } from './kept-pieces.ts';
import { type LineBuffer, pieceOf } from './line-buffer.ts';
import { putBraced, putRequestLine, word } from './log-text.ts';
import { haproxySecond, KeptSecond, millisOf } from './log-time.ts';

const BLANK = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const SLASH = 0x2f;
const BAR = 0x7c;

const BEHIND_DATE = pieceOf('] ');
const NO_COOKIES = pieceOf(' - - ');
/** Neither retries nor a wait. */
const AT_ONCE = pieceOf('0 0/0');
const FIRST_ADDRESS = pieceOf('/1: ');
const UNREAD = pieceOf('<BADREQ>');
const CAPTURED_FROM = pieceOf('{');
const CAPTURED_TO = pieceOf('} ');

export class HttpLog {
  readonly #seconds = new KeptSecond((date) => ` [${haproxySecond(date)}.`);
  readonly #words = new KeptNames(word);
  readonly #clients = new KeptClients((address, port) => `${word(address)}:${port}`);
  readonly #ways = new KeptWays(wayOf);

  put(record: AccessRecord, into: LineBuffer): void {
    const { request, termination } = record;
    this.#putComer(record, into);
    into.put(this.#ways.of(record));
    if (request !== null) putRequestTimes(record, request, into);
    else putTimes(record, into);
    into.put(this.#words.of(request === null ? termination.slice(0, 2) : termination));
    into.byte(BLANK);
    putCounts(record, into);
    if (request !== null) putRequest(request, into);
  }

  /** As HAProxy tells it: the number behind the name is that of the listener's address. */
  putRefusal(record: RefusalRecord, into: LineBuffer): void {
    this.#putComer(record, into);
    into.put(this.#words.of(record.frontend));
    into.put(FIRST_ADDRESS);
    into.put(pieceOf(record.fault));
  }

  #putComer(record: RefusalRecord | AccessRecord, into: LineBuffer): void {
    const { startedAtMs, clientAddress, clientPort } = record;
    into.put(this.#clients.of(clientAddress, clientPort));
    into.put(this.#seconds.of(startedAtMs));
    into.millis(millisOf(startedAtMs));
    into.put(BEHIND_DATE);
  }
}

function wayOf({ frontend, encrypted, backend, server }: Way): string {
  const front = word(frontend);
  const back = backend === '' ? front : word(backend);
  return `${front}${encrypted ? '~' : ''} ${back}/${server === '' ? '<NOSRV>' : word(server)} `;
}

function putRequestTimes(record: AccessRecord, request: RequestRecord, into: LineBuffer): void {
  putNumber(into, request.readMs, SLASH);
  putNumber(into, record.queueMs, SLASH);
  putNumber(into, record.connectMs, SLASH);
  putNumber(into, request.responseMs, SLASH);
  putNumber(into, record.totalMs, BLANK);
  putNumber(into, request.status, BLANK);
  into.number(record.bytesOut);
  into.put(NO_COOKIES);
}

function putTimes({ queueMs, connectMs, totalMs, bytesOut }: AccessRecord, into: LineBuffer): void {
  putNumber(into, queueMs, SLASH);
  putNumber(into, connectMs, SLASH);
  putNumber(into, totalMs, BLANK);
  putNumber(into, bytesOut, BLANK);
}

function putCounts(record: AccessRecord, into: LineBuffer): void {
  const { redispatched, retries, serverQueue, backendQueue } = record;
  putNumber(into, record.connections, SLASH);
  putNumber(into, record.frontendConnections, SLASH);
  putNumber(into, record.backendInFlight, SLASH);
  putNumber(into, record.serverInFlight, SLASH);
  if (retries === 0 && serverQueue === 0 && backendQueue === 0 && !redispatched) {
    into.put(AT_ONCE);
    return;
  }
  if (redispatched) into.byte(PLUS);
  putNumber(into, retries, BLANK);
  putNumber(into, serverQueue, SLASH);
  into.number(backendQueue);
}

function putNumber(into: LineBuffer, value: number, end: number): void {
  into.number(value);
  into.byte(end);
}

function putRequest({ method, target, captured, isHttp11 }: RequestRecord, into: LineBuffer): void {
  into.byte(BLANK);
  if (captured.length > 0) putCaptured(captured, into);
  into.byte(QUOTE);
  if (method === '') into.put(UNREAD);
  else putRequestLine(into, method, target, isHttp11 ? 'HTTP/1.1' : 'HTTP/1.0');
  into.byte(QUOTE);
}

function putCaptured(captured: readonly string[], into: LineBuffer): void {
  into.put(CAPTURED_FROM);
  captured.forEach((value, place) => {
    if (place > 0) into.byte(BAR);
    putBraced(into, value);
  });
  into.put(CAPTURED_TO);
}
