// The statistics as HAProxy's typed forms: `;typed` (a line per value) and `;json` (an object per value).

import { CSV_COLUMNS } from './csv-columns.ts';
import type { StatsFilter } from './filter.ts';
import { listProxies, type ProxyRows, type StatRow } from './proxies.ts';
import { rowValues } from './row-values.ts';
import { type Tags, tagsOf } from './value-tags.ts';
import type { View } from './view.ts';

interface TypedValue {
  readonly place: number;
  readonly name: string;
  readonly tags: Tags;
  readonly value: string | number;
}

const OBJECT_TYPE = { frontend: 'Frontend', backend: 'Backend', server: 'Server' } as const;
const OBJECT_LETTER = { frontend: 'F', backend: 'B', server: 'S' } as const;

/** Letters that stand for two words each: `a` is an average, `A` an age. */
const NATURE_LETTER: Readonly<Record<Tags['nature'], string>> = {
  Age: 'A',
  Avg: 'a',
  Counter: 'C',
  Duration: 'D',
  Gauge: 'G',
  Limit: 'L',
  Max: 'M',
  Name: 'N',
  Output: 'O',
  Rate: 'R',
};

/** `F.2.0.4.scur.1:MGP:u32:1`. */
export function renderTyped(view: View, filter: StatsFilter): string {
  const lines: string[] = [];
  for (const proxy of listProxies(view, filter)) {
    for (const row of proxy.rows) {
      const object = `${OBJECT_LETTER[row.kind]}.${proxy.iid}.${idOf(row)}`;
      for (const { place, name, tags, value } of typedValues(proxy, row, view.nowMs)) {
        const letters = `${tags.origin[0]}${NATURE_LETTER[tags.nature]}${tags.scope[0]}`;
        const text = String(value).replaceAll(/[\u0000-\u001f\u007f]/g, '_');
        lines.push(`${object}.${place}.${name}.1:${letters}:${tags.type}:${text}\n`);
      }
    }
  }
  return lines.join('');
}

/** A list per row of an object per value; values that are not known are left out. */
export function renderJson(view: View, filter: StatsFilter): string {
  const rows = listProxies(view, filter).flatMap((proxy) =>
    proxy.rows.map((row) =>
      typedValues(proxy, row, view.nowMs).map(({ place, name, tags, value }) => ({
        objType: OBJECT_TYPE[row.kind],
        proxyId: proxy.iid,
        id: idOf(row),
        field: { pos: place, name },
        processNum: 1,
        tags: { origin: tags.origin, nature: tags.nature, scope: tags.scope },
        value: { type: tags.type, value },
      })),
    ),
  );
  return JSON.stringify(rows);
}

function typedValues(proxy: ProxyRows, row: StatRow, nowMs: number): TypedValue[] {
  const values = rowValues(proxy, row, nowMs);
  return CSV_COLUMNS.flatMap((name, place) => {
    const value = values[name];
    if (value === undefined || value === '') return [];
    return [{ place, name, tags: tagsOf(name, row.kind), value }];
  });
}

function idOf(row: StatRow): number {
  return row.kind === 'server' ? (row.numericId ?? 0) : 0;
}
