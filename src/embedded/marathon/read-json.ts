// Typed reading of JSON that has already passed the shape check; `null` reads as absent everywhere.

import { isArray, isObject, type Json, type JsonObject } from './json.ts';

export function text(from: JsonObject, key: string): string | undefined {
  const value = from[key];
  return typeof value === 'string' ? value : undefined;
}

export function numeric(from: JsonObject, key: string): number | undefined {
  const value = from[key];
  return typeof value === 'number' ? value : undefined;
}

export function flag(from: JsonObject, key: string): boolean | undefined {
  const value = from[key];
  return typeof value === 'boolean' ? value : undefined;
}

export function child(from: JsonObject, key: string): JsonObject | undefined {
  const value = from[key];
  return isObject(value) ? value : undefined;
}

export function items(from: JsonObject, key: string): readonly Json[] | undefined {
  const value = from[key];
  return isArray(value) ? value : undefined;
}

export function objects(from: JsonObject, key: string): readonly JsonObject[] | undefined {
  return items(from, key)?.filter(isObject);
}

export function texts(from: JsonObject, key: string): readonly string[] | undefined {
  return items(from, key)?.filter((item) => typeof item === 'string');
}

export function textMap(from: JsonObject, key: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(child(from, key) ?? {})) {
    if (typeof value === 'string') found[name] = value;
  }
  return found;
}

/** Drops properties that are undefined, so that optional ones are absent rather than set to nothing. */
export function present<T extends object>(
  value: {
    readonly [K in keyof T]: T[K] | undefined;
  },
): T {
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(entries) as T;
}

/** The list, or undefined when it is empty: what Marathon leaves out of its answers. */
export function unlessEmpty<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list !== undefined && list.length > 0 ? list : undefined;
}
