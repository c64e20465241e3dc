import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { describe, expect, it } from 'vitest';
import { MAX_HELLO_BYTES, readClientHello } from '../../src/proxy/client-hello.ts';

/** What Node's own client sends first. */
async function sentBy(options: tls.ConnectionOptions): Promise<Buffer> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const client = tls.connect({ port, host: '127.0.0.1', ...options });
  client.on('error', () => {});
  const [socket] = (await once(server, 'connection')) as [net.Socket];
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  socket.destroy();
  server.close();
  return bytes;
}

/** With its length in front. */
function counted(size: 1 | 2 | 3, ...pieces: readonly Buffer[]): Buffer {
  const body = Buffer.concat(pieces);
  const head = Buffer.alloc(size);
  head.writeUIntBE(body.length, 0, size);
  return Buffer.concat([head, body]);
}

const bytes = (...values: number[]): Buffer => Buffer.from(values);
const extension = (type: number, data: Buffer): Buffer =>
  Buffer.concat([bytes(type >> 8, type & 255), counted(2, data)]);
const host = (name: string, type = 0): Buffer =>
  Buffer.concat([bytes(type), counted(2, Buffer.from(name, 'latin1'))]);
const serverName = (...names: Buffer[]): Buffer => extension(0, counted(2, ...names));

/** The bytes before its extensions. */
const FIRST = Buffer.concat([
  bytes(3, 3),
  Buffer.alloc(32, 7),
  counted(1),
  counted(2, bytes(0x13, 0x01)),
  counted(1, bytes(0)),
]);

function messageOf(...rest: Buffer[]): Buffer {
  return Buffer.concat([bytes(1), counted(3, FIRST, ...rest)]);
}

function records(message: Buffer, size = message.length): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    pieces.push(bytes(22, 3, 1), counted(2, message.subarray(at, at + size)));
  }
  return Buffer.concat(pieces);
}

const withExtensions = (...list: Buffer[]): Buffer => records(messageOf(counted(2, ...list)));
const A = serverName(host('a.test'));
const FAULT = { kind: 'fault' };

describe('a ClientHello', () => {
  it.each<[string, tls.ConnectionOptions, string]>([
    ['TLS 1.3', { servername: 'A.Test' }, 'a.test'],
    ['TLS 1.2', { servername: 'x.y.test', maxVersion: 'TLSv1.2' }, 'x.y.test'],
    ['no name', {}, ''],
  ])(
    "of Node's own client is read, and is not whole before its last byte (%s)",
    async (_, options, name) => {
      const hello = await sentBy(options);
      expect(readClientHello(hello)).toEqual({ kind: 'hello', name });
      for (let end = 0; end < hello.length; end += 1) {
        expect(readClientHello(hello.subarray(0, end))).toEqual({ kind: 'more' });
      }
    },
  );

  it.each([1, 2, 3, 5, 100])('may come in records of %d bytes', (size) => {
    const message = messageOf(counted(2, extension(5, bytes(1)), A));
    expect(readClientHello(records(message, size))).toEqual({ kind: 'hello', name: 'a.test' });
  });

  it('may have no extensions at all, or none with a name', () => {
    expect(readClientHello(records(messageOf()))).toEqual({ kind: 'hello', name: '' });
    expect(readClientHello(withExtensions())).toEqual({ kind: 'hello', name: '' });
    expect(readClientHello(withExtensions(extension(43, bytes(1))))).toEqual({
      kind: 'hello',
      name: '',
    });
  });

  it.each<[string, Buffer, object]>([
    ['a request in plain', Buffer.from('GET / HTTP/1.1\r\n\r\n'), { kind: 'plain' }],
    ['a hello of SSL 2', bytes(0x80, 0x2e, 1, 3, 1), FAULT],
    ['two names', withExtensions(serverName(host('a.test'), host('b.test'))), FAULT],
    ['two lists of names', withExtensions(A, serverName(host('b.test'))), FAULT],
    ['the same list twice', withExtensions(A, A), FAULT],
    ['a name of another kind', withExtensions(serverName(host('a.test', 1))), FAULT],
    ['an empty name', withExtensions(serverName(host(''))), FAULT],
    ['an empty list', withExtensions(serverName()), FAULT],
    ['an empty extension', withExtensions(extension(0, bytes())), FAULT],
    ['a name with a zero', withExtensions(serverName(host('a.test\0b'))), FAULT],
    ['a name with a line break', withExtensions(serverName(host('a\r\nb'))), FAULT],
    ['a name that is not ASCII', withExtensions(serverName(host('\xe4.test'))), FAULT],
    ['too long a name', withExtensions(serverName(host('a'.repeat(256)))), FAULT],
    [
      'bytes after the list',
      withExtensions(extension(0, Buffer.concat([counted(2, host('a.test')), bytes(0)]))),
      FAULT,
    ],
    ['bytes after the extensions', records(messageOf(counted(2, A), bytes(0))), FAULT],
    ['extensions longer than they are', records(messageOf(bytes(0, 200), A)), FAULT],
    ['an extension that is longer than all', withExtensions(bytes(0, 5, 0, 9, 1)), FAULT],
    ['half an extension', withExtensions(A, bytes(0)), FAULT],
    [
      'a message that ends too soon',
      records(Buffer.concat([bytes(1), counted(3, FIRST.subarray(0, 36))])),
      FAULT,
    ],
    ['another message', records(Buffer.concat([bytes(2), counted(3, FIRST)])), FAULT],
    ['an empty record', bytes(22, 3, 1, 0, 0), FAULT],
    ['too long a record', bytes(22, 3, 1, 0x40, 1), FAULT],
    ['another version of records', bytes(22, 2, 0, 0, 5), FAULT],
    [
      'an alert in the middle',
      Buffer.concat([records(messageOf(A)).subarray(0, 9), bytes(21)]),
      { kind: 'more' },
    ],
    [
      'an alert between two records',
      Buffer.concat([records(messageOf(A).subarray(0, 9)), bytes(21, 3, 1, 0, 2)]),
      FAULT,
    ],
    ['too long a message', records(Buffer.concat([bytes(1, 0, 0x40, 0), FIRST])), FAULT],
    [
      'a message that is announced longer than memory',
      bytes(22, 3, 1, 0, 4, 1, 255, 255, 255),
      FAULT,
    ],
  ])('is read without doubt: %s', (_, hello, read) => {
    expect(readClientHello(hello)).toMatchObject(read);
  });

  it('is waited for to a bound, however small its records are', () => {
    const endless = records(Buffer.concat([bytes(1, 0, 0x3f, 0), Buffer.alloc(16_128)]), 1);
    expect(readClientHello(endless.subarray(0, MAX_HELLO_BYTES - 1))).toEqual({ kind: 'more' });
    expect(readClientHello(endless.subarray(0, MAX_HELLO_BYTES))).toMatchObject(FAULT);
  });
});
