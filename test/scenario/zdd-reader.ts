// What zdd.py, the unmodified script, believes of balancers: its rules of reading and what it does by them
// (marathon-lb.md §6), strict where Python would throw. Nothing here knows how Teal writes.

import { request } from 'undici';

/** What Python's `splitlines` ends a line at. */
const LINE_END = /\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/;

type Row = Readonly<Record<string, string>>;

export interface ZddApp {
  readonly id: string;
  readonly instances: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly tasks: readonly {
    readonly id: string;
    readonly host: string;
    readonly ports: readonly number[];
  }[];
}

interface Deployment {
  readonly affectedApps: readonly string[];
}

/** What it would do next. */
export interface Verdict {
  /** Task ids of the old side. */
  readonly kill: readonly string[];
  /** max-wait went by: these are not idle, they are in MAINT. */
  readonly late: boolean;
}

/** Python's `csv.reader` with `'` as the quote: a value that begins with one runs to the next. */
export function readLine(line: string): string[] {
  const values: string[] = [];
  for (let rest = line; ; ) {
    const value = rest.startsWith("'")
      ? (/^'(?:[^']|'')*'[^,]*/.exec(rest) ?? fail(`a quote without an end: ${line}`))[0]
      : (/^[^,]*/.exec(rest) as RegExpExecArray)[0];
    values.push(value);
    if (value.length === rest.length) return values;
    rest = rest.slice(value.length + 1);
  }
}

/** The rows of the CSVs of several balancers, one behind the other. */
export function readRows(csv: string): Row[] {
  const [head = '', ...lines] = csv.split(LINE_END);
  if (lines.pop() !== '') fail('the last line has no end');
  const names = head
    .replace(/^[# ]+/, '')
    .replace(/,+$/, '')
    .split(',');
  if (new Set(names).size !== names.length) fail('a column is there twice');
  for (const name of names) if (!/^[A-Za-z]\w*$/.test(name)) fail(`no name of a field: ${name}`);
  return lines
    .filter((line) => line[0] !== '#')
    .map((line) => {
      const values = readLine(line);
      if (values.length !== names.length + 1) fail(`${values.length} values: ${line}`);
      return Object.fromEntries(names.map((name, place) => [name, values[place] as string]));
    });
}

export class ZddReader {
  readonly #marathon: string;
  readonly #balancers: readonly string[];

  constructor(marathon: string, balancers: readonly string[]) {
    this.#marathon = marathon;
    this.#balancers = balancers;
  }

  async app(id: string): Promise<ZddApp> {
    return (JSON.parse(await text(`${this.#marathon}/v2/apps${id}`)) as { app: ZddApp }).app;
  }

  /** Waits until no deployment of the app, or none at all, is running. */
  async settled(id = ''): Promise<void> {
    for (;;) {
      const running = JSON.parse(await text(`${this.#marathon}/v2/deployments`)) as Deployment[];
      if (!running.some(({ affectedApps }) => id === '' || affectedApps.includes(id))) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Waits, as the script does, until some old tasks may be killed. */
  async tasksToKill(young: ZddApp, old: ZddApp, maxWaitMs: number): Promise<Verdict> {
    const count = this.#balancers.length;
    const deadlineMs = Date.now() + maxWaitMs;
    let rows = await this.#listeners(young);
    while (Date.now() < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      if (await this.#reloading()) continue;
      rows = await this.#listeners(young);
      if (rows.length / count !== young.instances + old.instances) continue;
      const up = rows.filter(({ status }) => status === 'UP').length / count;
      if (up < Number(young.labels['HAPROXY_DEPLOYMENT_TARGET_INSTANCES'])) continue;
      const drained = rows.filter((row) => row['status'] === 'MAINT' && isIdle(row));
      if (drained.length > 0) return { kill: tasksOf(old, drained, count), late: false };
    }
    const draining = rows.filter(({ status }) => status === 'MAINT');
    return { kill: tasksOf(old, draining, count), late: true };
  }

  /** Rows of the pair's servers, of all balancers. */
  async #listeners({ labels }: ZddApp): Promise<Row[]> {
    const pages = await Promise.all(
      this.#balancers.map((balancer) => text(`${balancer}/haproxy?stats;csv`)),
    );
    const name = `${labels['HAPROXY_DEPLOYMENT_GROUP']}_${labels['HAPROXY_0_PORT']}`;
    return readRows(pages.join('')).filter(
      ({ pxname, svname = '' }) => pxname === name && !['FRONTEND', 'BACKEND'].includes(svname),
    );
  }

  async #reloading(): Promise<boolean> {
    const pids = await Promise.all(
      this.#balancers.map((balancer) => text(`${balancer}/_haproxy_getpids`)),
    );
    return pids.some((list) => list.trim().split(/\s+/).length > 1);
  }
}

function isIdle({ qcur = '', scur = '' }: Row): boolean {
  for (const value of [qcur, scur]) if (!/^\d*$/.test(value)) fail(`no number: ${value}`);
  return Number(qcur) === 0 && Number(scur) === 0;
}

/** Those that every balancer has a row of. */
function tasksOf({ tasks }: ZddApp, rows: readonly Row[], count: number): string[] {
  return tasks
    .filter(({ host, ports }) => {
      const name = `${host.replaceAll('.', '_')}_${ports[0]}`;
      return rows.filter(({ svname }) => svname === name).length === count;
    })
    .map(({ id }) => id);
}

/** It says nothing of a charset, so the script takes Latin-1. */
async function text(url: string): Promise<string> {
  const answer = await request(url);
  const bytes = Buffer.from(await answer.body.arrayBuffer());
  if (answer.statusCode !== 200) fail(`${url}: ${answer.statusCode}`);
  const isUtf8 = /charset=utf-8|json/i.test(String(answer.headers['content-type']));
  return bytes.toString(isUtf8 ? 'utf8' : 'latin1');
}

function fail(why: string): never {
  throw new Error(`zdd.py could not read this: ${why}`);
}
