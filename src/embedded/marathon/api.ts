// The vocabulary of the routes: requests read, replies to write, and what all of them work on.

import type { Agent } from './agent.ts';
import { ApiError } from './api-error.ts';
import type { Cluster } from './cluster.ts';
import type { Deployment, Deployments } from './deployments.ts';
import type { EventBus } from './event-bus.ts';
import type { Instances } from './instances.ts';
import { isArray, isObject, type Json, type JsonObject } from './json.ts';

export interface ApiRequest {
  readonly method: string;
  /** Decoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly accept: string;
  /** Undefined when the request has none. */
  readonly body: Json | undefined;
  readonly remoteAddress: string;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string is sent as plain text, undefined as no body at all. */
  readonly body?: Json | undefined;
  readonly text?: string;
}

/** `match` holds the groups of the route's pattern. */
export type Handler = (request: ApiRequest, match: readonly string[]) => Reply;

export interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  readonly handle: Handler;
}

export interface Api {
  readonly cluster: Cluster;
  readonly deployments: Deployments;
  readonly instances: Instances;
  readonly bus: EventBus;
  readonly agent: Agent;
  /** `127.0.0.1:8080` */
  readonly address: () => string;
}

export function ok(body: Json): Reply {
  return { status: 200, body };
}

/** Booleans of the query: Python clients write `True`. */
export function queryFlag(request: ApiRequest, name: string, otherwise = false): boolean {
  const value = request.query.get(name);
  return value === null ? otherwise : value.toLowerCase() === 'true';
}

function noData(): ApiError {
  return new ApiError(400, 'Please specify data in JSON format', {
    details: 'No content to map due to end-of-input\n at [Source: (String)""; line: 1, column: 0]',
  });
}

export function objectBody(request: ApiRequest): JsonObject {
  if (!isObject(request.body)) throw noData();
  return request.body;
}

export function arrayBody(request: ApiRequest): readonly JsonObject[] {
  if (!isArray(request.body) || !request.body.every(isObject)) throw noData();
  return request.body.filter(isObject);
}

export function resultJson(deployment: Deployment): JsonObject {
  return { deploymentId: deployment.id, version: deployment.version };
}

/** A reply to whatever began a deployment. */
export function deployed(
  deployment: Deployment,
  status = 200,
  body?: Json,
  location?: string,
): Reply {
  return {
    status,
    headers: {
      'Marathon-Deployment-Id': deployment.id,
      ...(location === undefined ? {} : { Location: location }),
    },
    body: body ?? resultJson(deployment),
  };
}
