// The answers Marathon gives when it refuses: one class, thrown anywhere below the routes, written in one place.

import type { Json, JsonObject } from './json.ts';

/** One offending place of a body: `/healthChecks(0)/path` and what is wrong with it. */
export interface Violation {
  readonly path: string;
  readonly errors: readonly string[];
}

export class ApiError extends Error {
  readonly status: number;
  readonly body: JsonObject;

  constructor(status: number, message: string, extra: JsonObject = {}) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.body = { message, ...extra };
  }
}

function details(violations: readonly Violation[]): Json {
  const byPath = new Map<string, string[]>();
  for (const { path, errors } of violations) {
    byPath.set(path, [...(byPath.get(path) ?? []), ...errors]);
  }
  return [...byPath].map(([path, errors]) => ({ path, errors }));
}

/** Wrong types, unknown literals, numbers out of bounds. */
export function badShape(violations: readonly Violation[]): ApiError {
  return new ApiError(422, 'Invalid JSON', { details: details(violations) });
}

/** Well-formed, but it makes no sense. */
export function notValid(violations: readonly Violation[]): ApiError {
  return new ApiError(422, 'Object is not valid', { details: details(violations) });
}

export function unknownApp(id: string): ApiError {
  return new ApiError(404, `App '${id}' does not exist`);
}
