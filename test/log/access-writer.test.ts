import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AccessTarget } from '../../src/log/access-settings.ts';
import { AccessWriter } from '../../src/log/access-writer.ts';
import { LineBuffer, pieceOf } from '../../src/log/line-buffer.ts';
import type { LineSink } from '../../src/log/line-sink.ts';
import { SILENT } from '../../src/log/logger.ts';
import { StreamSink } from '../../src/log/stream-sink.ts';
import { RECORD, recordOf } from './records.ts';

const open: AccessWriter[] = [];
const folders: string[] = [];

function writerTo(to: AccessTarget): AccessWriter {
  const writer = new AccessWriter({ format: 'httplog', to, captures: [] }, SILENT);
  open.push(writer);
  return writer;
}

function fileName(): string {
  const folder = mkdtempSync(join(tmpdir(), 'teal-access-'));
  folders.push(folder);
  return join(folder, 'access.log');
}

const linesOf = (path: string): string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1);

afterEach(() => {
  for (const writer of open.splice(0)) writer.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe('the access log', () => {
  it('appends every line to its file, in order and whole', async () => {
    const path = fileName();
    const writer = writerTo({ kind: 'file', path });
    // Many pieces, and again after they were written: their buffers are used again.
    for (const most of [3_000, 6_000, 9_000]) {
      for (let i = most - 3_000; i < most; i += 1) writer.write(recordOf({ target: `/${i}` }));
      await vi.waitFor(() => expect(linesOf(path)).toHaveLength(most));
    }
    const targets = linesOf(path).map((line) => /"GET \/(\d+) HTTP\/1\.1"$/.exec(line)?.[1]);
    expect(targets).toEqual(Array.from({ length: 9_000 }, (_, i) => String(i)));
  });

  it('takes a line that is longer than a piece, between others', async () => {
    const path = fileName();
    const sink = new StreamSink(path);
    const texts = ['a', 'b'.repeat(100_000), 'c', 'd'.repeat(68_000)];
    for (const text of texts) {
      sink.begin().put(pieceOf(text));
      sink.end();
    }
    await vi.waitFor(() => expect(linesOf(path)).toEqual(texts));
    sink.close();
  });

  it('loses nothing when it is closed right after a line', async () => {
    const path = fileName();
    const writer = writerTo({ kind: 'file', path });
    writer.write(RECORD);
    await vi.waitFor(() => expect(linesOf(path)).toHaveLength(1));
    writer.write(RECORD);
    writer.close();
    expect(linesOf(path)).toHaveLength(2);
  });

  it('writes its only line though it is closed before its file is open', async () => {
    const path = fileName();
    const writer = writerTo({ kind: 'file', path });
    writer.write(RECORD);
    writer.close();
    await vi.waitFor(() => expect(linesOf(path)).toHaveLength(1));
  });

  it('begins another file when its own was moved away', { timeout: 20_000 }, async () => {
    const path = fileName();
    const writer = writerTo({ kind: 'file', path });
    writer.write(RECORD);
    await vi.waitFor(() => expect(linesOf(path)).toHaveLength(1));
    renameSync(path, `${path}.1`);
    await vi.waitFor(
      () => {
        writer.write(RECORD);
        expect(linesOf(path).length).toBeGreaterThan(0);
      },
      { timeout: 15_000 },
    );
  });

  it.each([
    [
      'rfc3164',
      /^<134>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ teal\[\d+\]: 192\.0\.2\.9:40001 \[/,
    ],
    ['rfc5424', /^<134>1 \d{4}-\d\d-\d\dT[\d:.]+Z \S+ teal \d+ - - 192\.0\.2\.9:40001 \[/],
  ] as const)('sends a datagram for each line, with the header of %s', async (header, form) => {
    const server = createSocket('udp4');
    server.bind(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    writerTo({ kind: 'syslog', host: '127.0.0.1', port, header }).write(RECORD);
    const [datagram] = (await once(server, 'message')) as [Buffer];
    server.close();
    expect(datagram.toString()).toMatch(form);
    expect(datagram.toString()).toMatch(/"GET \/a\?b=c HTTP\/1\.1"$/);
  });

  it('loses lines while its file cannot be opened, and goes on once it can', async () => {
    const path = join(fileName(), 'below', 'access.log');
    const sink = new StreamSink(path);
    await vi.waitFor(() => {
      sink.begin().put(pieceOf('lost'));
      sink.end();
      expect(sink.lost).toBeGreaterThan(0);
    });
    expect(sink.trouble).toContain('ENOENT');
    mkdirSync(dirname(path), { recursive: true });
    await vi.waitFor(
      () => {
        sink.begin().put(pieceOf('kept'));
        sink.end();
        expect(linesOf(path)).toContain('kept');
      },
      { timeout: 8_000 },
    );
    sink.close();
  }, 20_000);

  it('tells how many lines were lost, and why', () => {
    const told: object[] = [];
    const log = { ...SILENT, warn: (fields: object) => told.push(fields) };
    const begin = () => new LineBuffer(1);
    const sink: LineSink = { lost: 3, trouble: 'full', begin, end() {}, close() {} };
    const settings = { format: 'json', to: { kind: 'stdout' }, captures: [] } as const;
    const writer = new AccessWriter(settings, log, () => sink);
    writer.write(RECORD);
    writer.close();
    expect(told).toEqual([{ lost: 3, why: 'full' }]);
  });
});
