// One question to one DNS server: over UDP, and over TCP when the answer does not fit (RFC 7766).
// Each from a port and with an id of its own, so that an answer cannot be guessed.

import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import {
  decodeReply,
  encodeQuestion,
  type Question,
  type QuestionType,
  type Reply,
} from './packet.ts';
import { LookupError } from './srv.ts';

export interface DnsServer {
  readonly address: string;
  readonly port: number;
}

/** Asks; rejects with a LookupError after `timeoutMs` over UDP, and as long again over TCP. */
export async function ask(
  server: DnsServer,
  type: QuestionType,
  name: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Reply> {
  const question: Question = { id: randomInt(65_536), type, name };
  const reply = await askUdp(server, question, timeoutMs, signal);
  return reply.truncated ? askTcp(server, question, timeoutMs, signal) : reply;
}

function askUdp(
  { address, port }: DnsServer,
  question: Question,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Reply> {
  return settled(timeoutMs, signal, ({ answer, fail }) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    socket.on('error', (error) => fail(error.message));
    socket.on('message', (bytes) => {
      const reply = decodeReply(bytes, question);
      // Someone else's, or nonsense: the answer may still come.
      if (reply !== null) answer(reply);
    });
    // Connected, the kernel drops what others send, and tells of a closed port.
    socket.connect(port, address, () => socket.send(encodeQuestion(question)));
    return () => socket.close();
  });
}

const LENGTH_OCTETS = 2;

function askTcp(
  { address, port }: DnsServer,
  question: Question,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Reply> {
  return settled(timeoutMs, signal, ({ answer, fail }) => {
    const socket = connect({ host: address, port });
    let received = Buffer.alloc(0);
    socket.on('error', (error) => fail(error.message));
    socket.on('close', () => fail('the connection was closed before the answer'));
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      if (received.length < LENGTH_OCTETS) return;
      const length = received.readUInt16BE(0);
      if (received.length < LENGTH_OCTETS + length) return;
      const reply = decodeReply(received.subarray(LENGTH_OCTETS, LENGTH_OCTETS + length), question);
      if (reply === null) fail('the answer over TCP is not one to the question');
      else answer(reply);
    });
    const bytes = encodeQuestion(question);
    const length = Buffer.alloc(LENGTH_OCTETS);
    length.writeUInt16BE(bytes.length);
    socket.write(Buffer.concat([length, bytes]));
    return () => socket.destroy();
  });
}

interface Outcome {
  readonly answer: (reply: Reply) => void;
  readonly fail: (why: string) => void;
}

/** The first outcome, at the latest that of the timeout or the abort; `begin` returns what closes. */
function settled(
  timeoutMs: number,
  signal: AbortSignal,
  begin: (outcome: Outcome) => () => void,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const end = (): boolean => {
      if (isOver) return false;
      isOver = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      close();
      return true;
    };
    const fail = (why: string): void => {
      if (end()) reject(new LookupError(why));
    };
    const answer = (reply: Reply): void => {
      if (end()) resolve(reply);
    };
    const onAbort = (): void => fail('the lookup was given up');
    const timer = setTimeout(() => fail(`no answer within ${timeoutMs} ms`), timeoutMs);
    const close = begin({ answer, fail });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}
