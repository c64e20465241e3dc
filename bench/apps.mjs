// The apps of a bench as Marathon would list them, and the plans that follow from them.

import { makeCatalogue } from '../dist/catalogue/catalogue.js';
import { readApps } from '../dist/marathon/read-apps.js';
import { readServeOptions } from '../dist/options/serve-options.js';
import { makePlan } from '../dist/plan/make-plan.js';
import { EMPTY_PLAN } from '../dist/plan/plan.js';

const ADDRESS = '127.0.0.1';

/** The plan for an app of each mode with one server, and for other apps with two. */
export function planFor({ http, tcp, tls, origin, others }) {
  const list = [
    app('/http', http, [origin], { HAPROXY_0_VHOST: ADDRESS }),
    app('/tcp', tcp, [origin], { HAPROXY_0_MODE: 'tcp' }),
    ...others.map((port) => app(`/other-${port}`, port, [origin, port])),
  ];
  const read = readApps({ apps: list });
  const flags = ['--group', 'external', '--bind', ADDRESS, '--https-port', String(tls)];
  const options = { ...readServeOptions('sse', flags, {}), httpPort: 0, appidPort: 0 };
  const rules = { ...options, templates: new Map(), ownAppName: '', addresses: new Map() };
  const catalogue = makeCatalogue(read.apps, rules);
  const planned = makePlan(catalogue.claims, options, EMPTY_PLAN, 0);
  const [problem] = [...read.problems, ...catalogue.problems, ...planned.problems];
  if (problem !== undefined) throw new Error(`${problem.app}: ${problem.where} ${problem.message}`);
  return planned.plan;
}

/** The plan with one server less at the service on `port`. */
export function withoutServer(plan, port) {
  const services = plan.services.map((service) => {
    if (service.servicePort !== port) return service;
    const [colour] = service.colours;
    return { ...service, colours: [{ ...colour, servers: colour.servers.slice(0, 1) }] };
  });
  return { ...plan, services };
}

function app(id, servicePort, ports, labels = {}) {
  const version = '2026-01-01T00:00:00.000Z';
  return {
    id,
    version,
    instances: ports.length,
    labels: { HAPROXY_GROUP: 'external', HAPROXY_0_BIND_ADDR: ADDRESS, ...labels },
    ports: [servicePort],
    tasks: ports.map((port) => ({
      id: `${id.slice(1)}.${port}`,
      host: ADDRESS,
      ports: [port],
      state: 'TASK_RUNNING',
      startedAt: version,
      version,
    })),
  };
}
