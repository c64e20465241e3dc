// Listeners and ways in of a plan in HAProxy's words: frontends, their rules, and who may log in. Pure.

import type {
  AuthSpec,
  ListenerSpec,
  Plan,
  RouteSpec,
  ServiceSpec,
  TlsSpec,
} from '../plan/plan.ts';
import { liveName } from './haproxy-maps.ts';
import { word } from './haproxy-rules.ts';

/** The frontend of a service port. It comes first what scripts look for: name, then `bind`. */
export function entrance(listener: ListenerSpec, service: ServiceSpec): string[] {
  const name = liveName(service) ?? service.colours[0]?.name ?? service.key;
  return [`frontend ${name}`, bind(listener), `mode ${listener.mode}`, `use_backend ${name}`];
}

export function shared(listener: ListenerSpec, plan: Plan): string[] {
  const named = listener.byName.map(
    ({ hosts, tls }) => `# ${hosts.map(word).join(' ')}: ssl${tlsWords(tls)}`,
  );
  const rules = listener.kind === 'appid' ? appIdRules(plan) : hostRules(listener, plan);
  return [`frontend ${listener.name}`, bind(listener), `mode ${listener.mode}`, ...named, ...rules];
}

function bind(listener: ListenerSpec): string {
  const proxy = listener.acceptProxy ? ' accept-proxy' : '';
  return `bind ${listener.key}${listener.tls === null ? '' : ` ssl${tlsWords(listener.tls)}`}${proxy}`;
}

function tlsWords(tls: TlsSpec): string {
  const words = tls.certificates.map((path) => ` crt ${word(path)}`);
  if (tls.ciphers !== '') words.push(` ciphers ${word(tls.ciphers)}`);
  if (tls.ciphersuites !== '') words.push(` ciphersuites ${word(tls.ciphersuites)}`);
  words.push(` ssl-min-ver ${tls.minVersion} ssl-max-ver ${tls.maxVersion}`);
  if (tls.clientCertificate === 'required')
    words.push(` verify required ca-file ${word(tls.authorities)}`);
  return words.join('');
}

function appIdRules(plan: Plan): string[] {
  return plan.services.flatMap((service) => {
    const name = liveName(service);
    if (name === null) return [];
    return service.appIds.map(
      (id) => `use_backend ${name} if { hdr(x-marathon-app-id) -i ${word(id)} }`,
    );
  });
}

function hostRules(listener: ListenerSpec, plan: Plan): string[] {
  return plan.services
    .filter(({ mode }) => mode === 'http')
    .flatMap((service) => {
      const name = liveName(service) ?? service.colours[0]?.name ?? '';
      const appId = service.colours[0]?.appId ?? '';
      return service.routes.map((route) => ({ route, name, appId, port: service.servicePort }));
    })
    .sort((a, b) => b.route.weight - a.route.weight || compare(a.appId, b.appId) || a.port - b.port)
    .flatMap(({ route, name }) => routeLines(listener, route, name));
}

function routeLines(listener: ListenerSpec, route: RouteSpec, name: string): string[] {
  const sample = listener.kind === 'https' ? 'ssl_fc_sni' : 'hdr(host),field(1,:)';
  const plain = route.hosts.filter((host) => !host.startsWith('*'));
  const below = route.hosts.filter((host) => host.startsWith('*')).map((host) => host.slice(1));
  const hosts = [
    ...(plain.length === 0 ? [] : [`{ ${sample} -i ${plain.map(word).join(' ')} }`]),
    ...(below.length === 0 ? [] : [`{ ${sample} -i -m end ${below.map(word).join(' ')} }`]),
  ];
  const flag = route.pathsIgnoreCase ? '-i ' : '';
  const path =
    route.paths.length === 0 ? '' : `{ path_beg ${flag}${route.paths.map(word).join(' ')} }`;
  const ways = (hosts.length === 0 ? [''] : hosts).map((host) => `${host} ${path}`.trim());
  const when = ifAny(ways);
  if (listener.kind === 'http' && route.redirectsToHttps) {
    return [`redirect scheme https code 301${when}`];
  }
  return [...authLines(route.auth, name, ways), `use_backend ${name}${when}`];
}

/** Who is asked, where one of `ways` holds; an empty one always does. */
export function authLines(
  auth: AuthSpec | null,
  name: string,
  ways: readonly string[] = [''],
): string[] {
  if (auth === null) return [];
  if (auth.hash === '') return [`http-request deny${ifAny(ways)}  # AUTH cannot be read`];
  const unknown = ways.map((way) => `${way} !{ http_auth(user_${name}) }`.trim());
  return [`http-request auth realm ${word(auth.realm)}${ifAny(unknown)}`];
}

function ifAny(ways: readonly string[]): string {
  return ways[0] === '' ? '' : ` if ${ways.join(' or ')}`;
}

export function userlists(service: ServiceSpec): string[][] {
  const name = liveName(service) ?? service.colours[0]?.name ?? '';
  const auths = [
    ...service.routes.map(({ auth }) => auth),
    ...service.colours.map(({ policy }) => policy.auth),
  ].filter((auth) => auth !== null);
  const readable = auths.filter(({ hash }) => hash !== '');
  const users = [...new Set(readable.map(({ user }) => user))];
  if (users.length === 0) return [];
  return [[`userlist user_${name}`, ...users.map((user) => `user ${word(user)} password ***`)]];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
