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
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const stop = bound(timeoutMs, signal, (why) => fail(why));
    const end = (): void => {
      stop();
      socket.close();
    };
    const fail = (why: string): void => {
      end();
      reject(new LookupError(why));
    };
    socket.on('error', (error) => fail(error.message));
    socket.on('message', (bytes) => {
      const reply = decodeReply(bytes, question);
      // Someone else's, or nonsense: the answer may still come.
      if (reply === null) return;
      end();
      resolve(reply);
    });
    // Connected, the kernel drops what others send, and tells of a closed port.
    socket.connect(port, address, () => socket.send(encodeQuestion(question)));
  });
}

const LENGTH_OCTETS = 2;

function askTcp(
  { address, port }: DnsServer,
  question: Question,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port });
    const stop = bound(timeoutMs, signal, (why) => fail(why));
    let received = Buffer.alloc(0);
    const end = (): void => {
      stop();
      socket.destroy();
    };
    const fail = (why: string): void => {
      end();
      reject(new LookupError(why));
    };
    socket.on('error', (error) => fail(error.message));
    socket.on('close', () => fail('the connection was closed before the answer'));
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      if (received.length < LENGTH_OCTETS) return;
      const length = received.readUInt16BE(0);
      if (received.length < LENGTH_OCTETS + length) return;
      const reply = decodeReply(received.subarray(LENGTH_OCTETS, LENGTH_OCTETS + length), question);
      if (reply === null) {
        fail('the answer over TCP is not one to the question');
        return;
      }
      end();
      resolve(reply);
    });
    const bytes = encodeQuestion(question);
    const length = Buffer.alloc(LENGTH_OCTETS);
    length.writeUInt16BE(bytes.length);
    socket.write(Buffer.concat([length, bytes]));
  });
}

/** Calls `late` once, at the timeout or the abort; returns what takes both back. */
function bound(timeoutMs: number, signal: AbortSignal, late: (why: string) => void): () => void {
  const onAbort = (): void => late('the lookup was given up');
  const timer = setTimeout(() => late(`no answer within ${timeoutMs} ms`), timeoutMs);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) queueMicrotask(onAbort);
  return () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  };
}
