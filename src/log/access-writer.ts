// Writes records of the access log, in the form and to the place that the settings say. The place is
// opened with the first line; what it loses is told in the operational log, not more than now and then.

import type { AccessRecord, RefusalRecord } from './access-record.ts';
import type { AccessLogSettings, AccessTarget } from './access-settings.ts';
import { HttpLog } from './httplog.ts';
import { JsonLog } from './json-log.ts';
import type { LineBuffer } from './line-buffer.ts';
import type { LineSink } from './line-sink.ts';
import type { Logger } from './logger.ts';
import { StreamSink } from './stream-sink.ts';
import { SyslogSink } from './syslog-sink.ts';

const TELL_MS = 10_000;

/** How records are written. */
interface Form {
  put(record: AccessRecord, into: LineBuffer): void;
  putRefusal(record: RefusalRecord, into: LineBuffer): void;
}

export class AccessWriter {
  readonly #log: Logger;
  readonly #form: Form;
  readonly #open: () => LineSink;
  #sink: LineSink | null = null;
  #timer: NodeJS.Timeout | null = null;
  #toldLost = 0;
  #toldTrouble = '';
  #isClosed = false;

  /** `open` makes the place that lines go to; absent = the one of the settings. */
  constructor(settings: AccessLogSettings, log: Logger, open = () => sinkOf(settings.to)) {
    this.#form = settings.format === 'json' ? new JsonLog(settings.captures) : new HttpLog();
    this.#log = log;
    this.#open = open;
  }

  /** Writes a line for `record`, which ends now. */
  write(record: AccessRecord): void {
    if (this.#isClosed) return;
    const sink = this.#sink ?? this.#begin();
    this.#form.put(record, sink.begin(record.startedAtMs + record.totalMs));
    sink.end();
  }

  /** Writes a line for a connection that is refused now. */
  refused(record: RefusalRecord): void {
    if (this.#isClosed) return;
    const sink = this.#sink ?? this.#begin();
    this.#form.putRefusal(record, sink.begin(Date.now()));
    sink.end();
  }

  /** Since the start. */
  get lostLines(): number {
    return this.#sink?.lost ?? 0;
  }

  /** Writes what waits; nothing is written any more. */
  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#sink?.close();
    this.#tell();
    this.#isClosed = true;
  }

  #begin(): LineSink {
    const sink = this.#open();
    this.#sink = sink;
    this.#timer = setInterval(() => this.#tell(), TELL_MS);
    this.#timer.unref();
    return sink;
  }

  #tell(): void {
    const { lost, trouble } = this.#sink ?? { lost: 0, trouble: '' };
    if (lost === this.#toldLost && trouble === this.#toldTrouble) return;
    const since = lost - this.#toldLost;
    this.#toldLost = lost;
    this.#toldTrouble = trouble;
    this.#log.warn({ lost: since, why: trouble }, 'the access log is not written as it should be');
  }
}

function sinkOf(to: AccessTarget): LineSink {
  switch (to.kind) {
    case 'stdout':
      return new StreamSink(null);
    case 'file':
      return new StreamSink(to.path);
    default:
      return new SyslogSink(to.host, to.port, to.header);
  }
}
