// HAProxy's sample fetches and converters (`hdr(host),lower`) → what of a request is meant.

import type { Fetch } from '../policy.ts';
import { literal } from './placeholders.ts';
import { refuse } from './refusal.ts';

/** How values are compared when an ACL does not say. */
export type Kind = 'text' | 'number' | 'address' | 'switch';

export interface Sample {
  readonly fetch: Fetch;
  readonly kind: Kind;
}

const PLAIN: Readonly<Record<string, readonly [Fetch['from'], Kind]>> = {
  src: ['client-address', 'address'],
  src_port: ['client-port', 'number'],
  dst: ['listener-address', 'address'],
  dst_port: ['listener-port', 'number'],
  ssl_fc: ['encrypted', 'switch'],
  ssl_fc_sni: ['server-name-indication', 'text'],
  'req.ssl_sni': ['server-name-indication', 'text'],
  req_ssl_sni: ['server-name-indication', 'text'],
  method: ['method', 'text'],
  'req.ver': ['http-version', 'text'],
  req_ver: ['http-version', 'text'],
  url: ['target', 'text'],
  'capture.req.uri': ['target', 'text'],
  'capture.req.method': ['method', 'text'],
  path: ['path', 'text'],
  query: ['query', 'text'],
  status: ['status', 'number'],
  be_name: ['backend', 'text'],
  srv_name: ['server', 'text'],
  uuid: ['unique-id', 'text'],
  'unique-id': ['unique-id', 'text'],
  date: ['now', 'number'],
  nbsrv: ['usable-servers', 'number'],
  hostname: ['balancer-host', 'text'],
};

const NAMED: Readonly<Record<string, readonly [Fetch['from'], Kind]>> = {
  hdr: ['request-header', 'text'],
  fhdr: ['request-header', 'text'],
  'req.hdr': ['request-header', 'text'],
  'req.fhdr': ['request-header', 'text'],
  hdr_ip: ['request-header', 'address'],
  'req.hdr_ip': ['request-header', 'address'],
  hdr_val: ['request-header', 'number'],
  'req.hdr_val': ['request-header', 'number'],
  shdr: ['response-header', 'text'],
  'res.hdr': ['response-header', 'text'],
  'res.fhdr': ['response-header', 'text'],
  shdr_val: ['response-header', 'number'],
  'res.hdr_val': ['response-header', 'number'],
  cook: ['cookie', 'text'],
  cookie: ['cookie', 'text'],
  'req.cook': ['cookie', 'text'],
  urlp: ['url-parameter', 'text'],
  url_param: ['url-parameter', 'text'],
  'req.url_param': ['url-parameter', 'text'],
};

const CONVERTERS: Readonly<Record<string, Fetch['converters'][number]>> = {
  lower: 'lower',
  upper: 'upper',
  url_dec: 'url-decode',
  base64: 'base64',
};
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,200}$/;
/** Converters that leave the host of a Host header. */
const WITHOUT_PORT = ['field(1,:)', 'regsub(:.*$,,)', 'host_only'];

/** `name(argument)` → both; the argument is empty where there is none. */
export function splitCall(text: string): { readonly name: string; readonly argument: string } {
  const at = text.indexOf('(');
  if (at === -1) return { name: text, argument: '' };
  if (!text.endsWith(')')) refuse(`expected a closing bracket in ${text}`);
  return { name: text.slice(0, at), argument: text.slice(at + 1, -1).trim() };
}

/** Reads `fetch(argument),converter,…`. */
export function readSample(expression: string): Sample {
  // The servers of the app's own backend are the only ones that are counted.
  const own = expression.replace('nbsrv(\uE000backend\uE001)', 'nbsrv');
  const [head = '', ...tail] = splitChain(literal(own).trim());
  const sample = readFetch(head);
  const { fetch } = sample;
  const [first] = tail;
  const isHost = fetch.from === 'request-header' && fetch.name === 'host';
  if (isHost && first === 'lower' && WITHOUT_PORT.includes(tail[1] ?? '')) {
    return { ...sample, fetch: plain('host', ['lower', ...readConverters(tail.slice(2))]) };
  }
  if (isHost && first !== undefined && WITHOUT_PORT.includes(first)) {
    return { ...sample, fetch: plain('host', readConverters(tail.slice(1))) };
  }
  return { ...sample, fetch: { ...fetch, converters: readConverters(tail) } };
}

function readFetch(text: string): Sample {
  const { name, argument } = splitCall(text);
  if (name === 'env' && argument === 'HOSTNAME') {
    return { fetch: plain('balancer-host', []), kind: 'text' };
  }
  const simple = Object.hasOwn(PLAIN, name) ? PLAIN[name] : undefined;
  if (simple !== undefined) {
    if (argument !== '') refuse(`expected ${name} without an argument`);
    return { fetch: plain(simple[0], []), kind: simple[1] };
  }
  const named = Object.hasOwn(NAMED, name) ? NAMED[name] : undefined;
  if (named === undefined) {
    refuse(`expected something Teal can look at in place of ${name || '()'}`);
  }
  const [from, kind] = named;
  if (!TOKEN.test(argument)) refuse(`expected one name in ${name}(…), and nothing else`);
  const isHeader = from === 'request-header' || from === 'response-header';
  const called = isHeader ? argument.toLowerCase() : argument;
  return { fetch: { from, name: called, converters: [] }, kind };
}

function plain(from: Fetch['from'], converters: Fetch['converters']): Fetch {
  return { from, name: '', converters };
}

function readConverters(names: readonly string[]): Fetch['converters'] {
  return names.map((name) => {
    const converter = Object.hasOwn(CONVERTERS, name) ? CONVERTERS[name] : undefined;
    return converter ?? refuse(`expected lower, upper, url_dec or base64 in place of ${name}`);
  });
}

/** By the commas outside brackets. */
function splitChain(text: string): readonly string[] {
  const pieces: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    else if (text[at] === ')') depth -= 1;
    else if (text[at] === ',' && depth === 0) {
      pieces.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  pieces.push(text.slice(start).trim());
  return pieces;
}
