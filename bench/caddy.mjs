// Caddy's configuration. Go takes as many threads as there are cores that it may run on, which is one.

import { scratch, written } from './scratch.mjs';

export function caddy({ http, origin }) {
  const relay = {
    handler: 'reverse_proxy',
    upstreams: [{ dial: `127.0.0.1:${origin}` }],
    // The other forwarded fields it sets by itself.
    headers: { request: { set: { 'X-Forwarded-Port': [String(http)] } } },
    transport: {
      protocol: 'http',
      dial_timeout: '3s',
      response_header_timeout: '30s',
      keep_alive: { enabled: true, idle_timeout: '30s', max_idle_conns_per_host: 512 },
    },
  };
  const server = {
    listen: [`127.0.0.1:${http}`],
    automatic_https: { disable: true },
    read_header_timeout: '15s',
    idle_timeout: '30s',
    routes: [{ handle: [relay] }],
  };
  const config = {
    admin: { disabled: true, config: { persist: false } },
    storage: { module: 'file_system', root: `${scratch}/caddy` },
    logging: { logs: { default: { level: 'ERROR' } } },
    apps: { http: { servers: { bench: server } } },
  };
  return ['caddy', 'run', '--config', written('caddy.json', JSON.stringify(config))];
}
