// Pools of a plan in HAProxy's words. Pure.

import type {
  BalanceSpec,
  ColourSpec,
  PolicySpec,
  ServiceSpec,
  TimeoutsSpec,
} from '../plan/plan.ts';
import { authLines } from './haproxy-frontends.ts';
import { requestLine, responseLine, word } from './haproxy-rules.ts';

const STICKY_COOKIE = 'mesosphere_server_id';

export function backend(service: ServiceSpec, colour: ColourSpec): string[] {
  const { policy, balancing, servers } = colour;
  const idle = colour.appId === service.live ? [] : ['# idle: gets no requests'];
  return [
    `backend ${colour.name}`,
    ...idle,
    `balance ${balanceWords(balancing.balance)}`,
    `mode ${service.mode}`,
    ...timeoutLines(policy.timeouts),
    ...policyLines(policy, service, colour.name),
    ...(balancing.sticky ? [`cookie ${STICKY_COOKIE} insert indirect nocache`] : []),
    ...servers.map((server) => {
      const words = [`server ${server.name} ${address(server)} id ${server.numericId}`];
      if (server.weight !== 1) words.push(`weight ${server.weight}`);
      if (balancing.maxConnections > 0) words.push(`maxconn ${balancing.maxConnections}`);
      if (balancing.slowStartMs > 0) words.push(`slowstart ${balancing.slowStartMs}ms`);
      if (colour.sendProxy !== 0)
        words.push(colour.sendProxy === 1 ? 'send-proxy' : 'send-proxy-v2');
      if (policy.serverTls !== null) {
        words.push(`ssl verify ${policy.serverTls.verifies ? 'required' : 'none'}`);
      }
      if (server.admin !== 'ready') words.push('disabled');
      return words.join(' ');
    }),
    ...colour.others.map((one) => `# ${word(one.name)} ${one.address}: ${one.standing}`),
  ];
}

function policyLines(policy: PolicySpec, { mode }: ServiceSpec, name: string): string[] {
  const networks = policy.allowedNetworks;
  const reject = mode === 'http' ? 'http-request deny' : 'tcp-request content reject';
  return [
    ...(networks === null
      ? []
      : [
          `${reject}${networks.length === 0 ? '' : ` unless { src ${networks.map(word).join(' ')} }`}`,
        ]),
    ...authLines(policy.auth, name),
    ...policy.request.map(requestLine),
    ...policy.response.map(responseLine),
    ...(policy.compression === null
      ? []
      : [`compression algo ${policy.compression.algorithms.join(' ')}`]),
    ...policy.errorFiles.map(({ status, path }) => `errorfile ${status} ${word(path)}`),
    ...(policy.closesServers ? ['option http-server-close'] : []),
    ...forwardedForLines(policy.forwardedFor),
  ];
}

function forwardedForLines(spec: PolicySpec['forwardedFor']): string[] {
  if (spec === null) return [];
  const { header, except, ifNone } = spec;
  const words = ['option forwardfor', ...except.map((one) => `except ${word(one)}`)];
  return [[...words, `header ${word(header)}`, ...(ifNone ? ['if-none'] : [])].join(' ')];
}

function address({ address: ip, port }: { address: string; port: number }): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function balanceWords(balance: BalanceSpec): string {
  switch (balance.algorithm) {
    case 'random':
      return `random(${balance.draws})`;
    case 'hdr':
      return `hdr(${balance.name})`;
    case 'url_param':
      return `url_param ${balance.name}`;
    case 'uri': {
      const words = ['uri'];
      if (balance.whole) words.push('whole');
      if (balance.length > 0) words.push(`len ${balance.length}`);
      if (balance.depth > 0) words.push(`depth ${balance.depth}`);
      return words.join(' ');
    }
    default:
      return balance.algorithm;
  }
}

export function timeoutLines(timeouts: TimeoutsSpec): string[] {
  const named: readonly [string, number][] = [
    ['connect', timeouts.connectMs],
    ['client', timeouts.clientMs],
    ['server', timeouts.serverMs],
    ['tunnel', timeouts.tunnelMs],
    ['http-keep-alive', timeouts.keepAliveMs],
    ['http-request', timeouts.requestHeadMs],
    ['queue', timeouts.queueMs],
  ];
  return named.filter(([, ms]) => ms > 0).map(([name, ms]) => `timeout ${name} ${ms}ms`);
}
