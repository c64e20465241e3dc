// Reads HTTP/1.x messages for tests, on its own and not with Teal's readers: a test must not believe
// what it tests.

import type { ByteQueue } from './byte-queue.ts';

export interface Message {
  /** First line without CRLF. */
  readonly startLine: string;
  /** Whole head as it came, with the empty line. */
  readonly head: string;
  /** [name as sent, value trimmed], in order. */
  readonly fields: readonly (readonly [string, string])[];
  readonly body: Buffer;
  /** Data of each chunk; null when the body was not chunked. */
  readonly chunks: readonly Buffer[] | null;
  readonly trailers: readonly (readonly [string, string])[];
}

/** All values of a field, in order. */
export function valuesOf(message: Pick<Message, 'fields'>, name: string): string[] {
  const lower = name.toLowerCase();
  return message.fields.filter(([key]) => key.toLowerCase() === lower).map(([, value]) => value);
}

/** The only value of a field; undefined when absent. Fails when there are several. */
export function oneValue(message: Pick<Message, 'fields'>, name: string): string | undefined {
  const values = valuesOf(message, name);
  if (values.length > 1) throw new Error(`${values.length} fields ${name}: ${values.join(' | ')}`);
  return values[0];
}

export function parseFields(block: string): [string, string][] {
  return block
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')];
    });
}

/** How a body is delimited once the head is known. */
export type Framing = 'none' | 'chunked' | 'until-close' | number;

/** Reads one message whose framing `frame` tells from its head. */
export async function readMessage(
  incoming: ByteQueue,
  frame: (head: Pick<Message, 'startLine' | 'fields'>) => Framing,
): Promise<Message> {
  const head = await incoming.through('\r\n\r\n');
  const lineEnd = head.indexOf('\r\n');
  const startLine = head.slice(0, lineEnd);
  const fields = parseFields(head.slice(lineEnd + 2));
  const framing = frame({ startLine, fields });
  const rest = { startLine, head, fields, chunks: null, trailers: [] };
  if (framing === 'none') return { ...rest, body: Buffer.alloc(0) };
  if (framing === 'until-close') return { ...rest, body: await incoming.rest() };
  if (framing !== 'chunked') return { ...rest, body: await incoming.take(framing) };
  const { chunks, trailers } = await readChunks(incoming);
  return { ...rest, body: Buffer.concat(chunks), chunks, trailers };
}

async function readChunks(
  incoming: ByteQueue,
): Promise<{ chunks: Buffer[]; trailers: [string, string][] }> {
  const chunks: Buffer[] = [];
  for (;;) {
    const line = (await incoming.through('\r\n')).slice(0, -2);
    if (!/^[0-9a-f]+$/i.test(line)) throw new Error(`bad chunk size ${JSON.stringify(line)}`);
    const size = Number.parseInt(line, 16);
    if (size === 0) break;
    chunks.push(await incoming.take(size));
    const after = (await incoming.take(2)).toString('latin1');
    if (after !== '\r\n') throw new Error(`bad chunk end ${JSON.stringify(after)}`);
  }
  const trailers: [string, string][] = [];
  for (;;) {
    const line = await incoming.through('\r\n');
    if (line === '\r\n') return { chunks, trailers };
    trailers.push(...parseFields(line));
  }
}
