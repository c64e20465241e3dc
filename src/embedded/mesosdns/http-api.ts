// The HTTP API of Mesos-DNS as a pure function: method, path and Accept in, status and body out.

import type { Records } from './records.ts';
import { mailbox, primaryServer, SOA, SRV_WEIGHT, type Zone } from './zone.ts';

export interface ApiRequest {
  readonly method: string;
  /** Request target as it came; a query is ignored. */
  readonly target: string;
  /** Absent = anything. */
  readonly accept: string | undefined;
}

export interface ApiReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface ApiState {
  readonly records: Records;
  readonly zone: Zone;
  readonly dnsPort: number;
  readonly httpPort: number;
}

/** What a client sees as the interval at which the state is read. Ours follows at once. */
const REFRESH_SECONDS = 60;

export function apiReply(request: ApiRequest, state: ApiState): ApiReply {
  const path = pathOf(request.target);
  const route = ROUTES.find(({ pattern }) => pattern.test(path));
  if (route === undefined) return text(404, '404: Page Not Found');
  if (request.method !== 'GET') return text(405, '405: Method Not Allowed');
  if (!acceptsJson(request.accept)) return text(406, '406: Not Acceptable');
  const value = route.value(route.pattern.exec(path)?.[1] ?? '', state);
  if (value === null) return text(501, 'To be implemented...');
  return { status: 200, contentType: 'application/json', body: goJson(value) };
}

interface Route {
  readonly pattern: RegExp;
  /** Null = not implemented, in the original neither. */
  readonly value: (name: string, state: ApiState) => unknown;
}

const ROUTES: readonly Route[] = [
  { pattern: /^\/v1\/version$/, value: () => VERSION },
  { pattern: /^\/v1\/config$/, value: (_, state) => configOf(state) },
  { pattern: /^\/v1\/hosts\/([^/]+)$/, value: (name, { records }) => hosts(name, records) },
  { pattern: /^\/v1\/hosts\/([^/]+)\/ports$/, value: () => null },
  { pattern: /^\/v1\/services\/([^/]+)$/, value: (name, { records }) => services(name, records) },
  { pattern: /^\/v1\/enumerate$/, value: (_, state) => enumerate(state) },
  { pattern: /^\/v1\/axfr$/, value: (_, state) => axfr(state) },
];

const VERSION = {
  Service: 'Mesos-DNS',
  URL: 'https://github.com/mesosphere/mesos-dns',
  Version: 'embedded in Teal',
};

/** The name as it is looked up: lower-cased, without wildcard labels, with a final dot. */
function lookupName(name: string): string {
  const clean = name.toLowerCase().replaceAll('.*', '');
  return clean.endsWith('.') ? clean : `${clean}.`;
}

function hosts(name: string, records: Records): unknown {
  const host = lookupName(name);
  const found = [...(records.a.get(host) ?? []), ...(records.aaaa.get(host) ?? [])];
  return found.length === 0 ? [{ host: '', ip: '' }] : found.map((ip) => ({ host, ip }));
}

function services(name: string, records: Records): unknown {
  const found = records.srv.get(lookupName(name)) ?? [];
  if (found.length === 0) return [{ service: '', host: '', ip: '', port: '' }];
  return found.map(({ host, port }) => ({
    service: name,
    host,
    ip: records.a.get(host)?.[0] ?? records.aaaa.get(host)?.[0] ?? '',
    port: String(port),
  }));
}

function enumerate({ records, zone }: ApiState): unknown {
  return { frameworks: [{ tasks: records.tasks, name: zone.framework }] };
}

function axfr({ records, zone }: ApiState): unknown {
  const services = [...records.srv].map(
    ([name, targets]) => [name, targets.map(({ host, port }) => `${host}:${port}`)] as const,
  );
  return {
    TTL: zone.ttlSeconds,
    Serial: records.serial,
    RefreshSeconds: REFRESH_SECONDS,
    Mname: primaryServer(zone),
    Rname: mailbox(zone),
    Domain: zone.domain,
    Records: {
      As: sorted([...records.a]),
      AAAAs: sorted([...records.aaaa]),
      SRVs: sorted(services),
    },
  };
}

/** Go writes maps by key. */
function sorted(entries: (readonly [string, readonly string[]])[]): unknown {
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function configOf({ records, zone, dnsPort, httpPort }: ApiState): unknown {
  return {
    RefreshSeconds: REFRESH_SECONDS,
    Port: dnsPort,
    Timeout: 5,
    StateTimeoutSeconds: 300,
    ZkDetectionTimeout: 30,
    HttpPort: httpPort,
    TTL: zone.ttlSeconds,
    SRVRecordDefaultWeight: SRV_WEIGHT,
    SOASerial: records.serial,
    SOARefresh: SOA.refresh,
    SOARetry: SOA.retry,
    SOAExpire: SOA.expire,
    SOAMinttl: SOA.minimum,
    SOAMname: primaryServer(zone),
    SOARname: mailbox(zone),
    Masters: [`${zone.address}:${zone.masterPort}`],
    ZoneResolvers: {},
    Resolvers: [],
    IPSources: ['netinfo', 'mesos', 'host'],
    Zk: '',
    Domain: zone.domain,
    File: '',
    Listener: zone.address,
    HTTPListener: zone.address,
    RecurseOn: false,
    DnsOn: true,
    HttpOn: true,
    ExternalOn: false,
    EnforceRFC952: false,
    SetTruncateBit: true,
    EnumerationOn: true,
    MesosHTTPSOn: false,
    CACertFile: '',
    CertFile: '',
    KeyFile: '',
    MesosCredentials: { Principal: '', Secret: '' },
    IAMConfigFile: '',
    MesosAuthentication: '',
  };
}

function pathOf(target: string): string {
  try {
    return decodeURIComponent(target.split('?', 1)[0] ?? '');
  } catch {
    return '';
  }
}

function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  return accept
    .split(',')
    .map((range) => range.split(';', 1)[0]?.trim().toLowerCase())
    .some((range) => range === '*/*' || range === 'application/*' || range === 'application/json');
}

/** Indented as Go's `MarshalIndent(v, " ", " ")` does it, with its escapes. */
function goJson(value: unknown): string {
  return JSON.stringify(value, null, 1)
    .replaceAll('\n', '\n ')
    .replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
}

function text(status: number, body: string): ApiReply {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}
