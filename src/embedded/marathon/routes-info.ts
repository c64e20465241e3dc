// What a client asks to find out whom it talks to: /ping, /v2/info, /v2/leader, /metrics, and a word for a browser.

import { type Api, ok, type Reply, type Route } from './api.ts';
import { ApiError } from './api-error.ts';

// The behaviour imitated: the rolling algorithm of 1.9, the JSON of 1.5 and later.
const VERSION = '1.9.109';

function info(api: Api): Reply {
  const address = api.address();
  return ok({
    name: 'marathon',
    version: VERSION,
    buildref: 'teal-embedded',
    elected: true,
    leader: address,
    frameworkId: api.agent.frameworkId,
    marathon_config: {
      env_vars_prefix: null,
      features: ['task_killing'],
      framework_name: 'marathon',
      ha: false,
      hostname: api.agent.hostname,
      local_port_min: 10_000,
      local_port_max: 20_000,
      webui_url: null,
    },
    zookeeper_config: {},
    http_config: { http_port: Number(address.split(':').at(-1)), https_port: null },
  });
}

function ping(accept: string): Reply {
  if (accept.includes('application/json')) return ok('pong');
  if (accept === '' || /\*\/\*|text\/(\*|plain|html)/.test(accept))
    return { status: 200, text: 'pong' };
  return { status: 204 };
}

const FRONT_PAGE = `Teal's embedded Marathon ${VERSION}: a small stand-in that runs tasks as local processes.
There is no web interface here. Try:
  /v2/apps  /v2/apps?embed=apps.tasks  /v2/tasks  /v2/deployments  /v2/queue  /v2/groups  /v2/info
`;

export function infoRoutes(api: Api): readonly Route[] {
  return [
    { method: 'GET', pattern: /^\/$/, handle: () => ({ status: 200, text: FRONT_PAGE }) },
    { method: 'GET', pattern: /^\/ping\/?$/, handle: ({ accept }) => ping(accept) },
    { method: 'GET', pattern: /^\/v2\/info\/?$/, handle: () => info(api) },
    { method: 'GET', pattern: /^\/v2\/leader\/?$/, handle: () => ok({ leader: api.address() }) },
    {
      method: 'DELETE',
      pattern: /^\/v2\/leader\/?$/,
      handle: () => {
        throw new ApiError(
          403,
          'The embedded Marathon is alone: there is no other leader to take over.',
        );
      },
    },
    {
      method: 'GET',
      pattern: /^\/metrics\/?$/,
      handle: () => {
        const gauge = (value: number) => ({ value });
        return ok({
          version: '3.0.0',
          counters: {},
          gauges: {
            'marathon.apps.active.gauge': gauge(api.cluster.apps.size),
            'marathon.deployments.active.gauge': gauge(api.deployments.running().length),
          },
          histograms: {},
          meters: {},
          timers: {},
        });
      },
    },
  ];
}
