// Fetches, made into functions: what a request or its connection has under a name. Pure but for the
// clock and the random id.

import { hostname } from 'node:os';
import type { Fetch } from '../../plan/plan.ts';
import { type HeadText, trimmedParts } from './head-text.ts';
import type { Subject } from './subject.ts';

/** All values there are, in order; empty = there is no such thing. */
export type Fetcher = (subject: Subject) => readonly string[];

const NOTHING: readonly string[] = Object.freeze([]);

export function makeFetcher({ from, name, converters }: Fetch): Fetcher {
  const fetch = SOURCES[from](name.toLowerCase(), name);
  if (converters.length === 0) return fetch;
  const steps = converters.map((converter) => CONVERTERS[converter]);
  return (subject) =>
    fetch(subject).map((value) => steps.reduce((text, step) => step(text), value));
}

/** Of several values of a field the last counts, as in HAProxy's log formats. */
export function lastOf(values: readonly string[]): string {
  return values.at(-1) ?? '';
}

const CONVERTERS = {
  lower: (text: string) => text.toLowerCase(),
  upper: (text: string) => text.toUpperCase(),
  'url-decode': urlDecoded,
  base64: (text: string) => Buffer.from(text, 'latin1').toString('base64'),
} as const satisfies Record<Fetch['converters'][number], (text: string) => string>;

function urlDecoded(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

type Source = (lowerName: string, name: string) => Fetcher;

/** One value that is always there. */
function always(read: (subject: Subject) => string | number): Source {
  return () => (subject) => [String(read(subject))];
}

/** One value; empty = it is not there. */
function perhaps(read: (subject: Subject) => string): Source {
  return () => (subject) => {
    const value = read(subject);
    return value === '' ? NOTHING : [value];
  };
}

const HOSTNAME = hostname();

const SOURCES: Readonly<Record<Fetch['from'], Source>> = {
  'client-address': always(({ visitor }) => visitor.address),
  'client-port': always(({ visitor }) => visitor.addresses()?.sourcePort ?? 0),
  'listener-address': perhaps(({ visitor }) => visitor.addresses()?.destination ?? ''),
  'listener-port': always(({ visitor }) => visitor.addresses()?.destinationPort ?? 0),
  encrypted: always(({ visitor }) => (visitor.isEncrypted ? 1 : 0)),
  'server-name-indication': perhaps(({ visitor }) => visitor.serverName),
  method: always(({ request }) => request.method),
  'http-version': always(({ isHttp11 }) => (isHttp11 ? '1.1' : '1.0')),
  target: always(({ request }) => request.target),
  path: perhaps(({ request }) => request.path),
  query: perhaps(({ request }) => request.query),
  host: perhaps(({ request }) => withoutPort(request.head.first('host') ?? '')),
  'request-header': (name) => (subject) => members(subject.request.head, name),
  cookie: (_, name) => (subject) => cookies(subject.request.head, name),
  'url-parameter': (_, name) => (subject) => parameters(subject.request.query, name),
  status: perhaps(({ status }) => (status === 0 ? '' : String(status))),
  'response-header': (name) => (subject) =>
    subject.response === null ? NOTHING : members(subject.response, name),
  backend: always(({ backend }) => backend.pool.name),
  server: perhaps(({ server }) => server),
  'unique-id': always(({ uniqueId }) => uniqueId),
  now: always(() => Math.floor(Date.now() / 1_000)),
  'usable-servers': always(
    ({ backend }) => backend.servers.filter(({ balanced }) => balanced).length,
  ),
  'balancer-host': always(() => HOSTNAME),
};

function withoutPort(authority: string): string {
  const colon = authority.lastIndexOf(':');
  return colon > authority.lastIndexOf(']') ? authority.slice(0, colon) : authority;
}

/** HAProxy takes every field for a list. */
function members(head: HeadText, name: string): readonly string[] {
  const values = head.values(name);
  return values.length === 0 ? NOTHING : values.flatMap((value) => trimmedParts(value, ','));
}

function cookies(head: HeadText, name: string): readonly string[] {
  const pairs = head.values('cookie').flatMap((value) => trimmedParts(value, ';'));
  return valuesIn(pairs, name);
}

function parameters(query: string, name: string): readonly string[] {
  return query === '' ? NOTHING : valuesIn(query.split('&'), name);
}

function valuesIn(pairs: readonly string[], name: string): readonly string[] {
  const wanted = `${name}=`;
  return pairs.filter((pair) => pair.startsWith(wanted)).map((pair) => pair.slice(wanted.length));
}
