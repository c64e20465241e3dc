// /v2/tasks and the tasks of apps: lists, and killing with or without scaling down.

import {
  type Api,
  type ApiRequest,
  deployed,
  objectBody,
  ok,
  queryFlag,
  type Reply,
  type Route,
} from './api.ts';
import { ApiError, badShape } from './api-error.ts';
import { type AppDefinition, servicePorts } from './app-definition.ts';
import { taskJson, taskList } from './app-json.ts';
import { absoluteId, isWithin, safeId } from './app-path.ts';
import { withApps } from './cluster.ts';
import type { Deployment } from './deployments.ts';
import type { Instance } from './instance.ts';
import { isArray } from './json.ts';
import { requestOf } from './normalize.ts';

const TASK_ID = /^.+[._]instance-[^.]+(\..+)?$/;

function wantsText(request: ApiRequest): boolean {
  return request.accept.includes('text/plain') && !request.accept.includes('application/json');
}

/** One line per app and service port: id, port, then host:port of every running task. */
function plain(api: Api, apps: readonly AppDefinition[]): Reply {
  const { hostname } = api.agent;
  const lines = apps.flatMap((app) => {
    const tasks = api.instances
      .of(app.id)
      .flatMap((one) => (one.condition === 'Running' && one.task ? [one.task] : []));
    const line = (port: string, addresses: readonly string[]): string =>
      `${safeId(app.id)}\t${port}\t${[...addresses]
        .sort()
        .map((address) => `${address}\t`)
        .join('')}\n`;
    const ports = servicePorts(app);
    if (ports.length === 0)
      return [
        line(
          ' ',
          tasks.map(() => hostname),
        ),
      ];
    return ports.map((port, index) =>
      line(
        String(port),
        tasks.map((task) => `${hostname}:${task.ports[index] ?? 0}`),
      ),
    );
  });
  return { status: 200, text: lines.join('') };
}

function listed(api: Api, instances: readonly Instance[]): readonly Instance[] {
  const now = new Set(api.instances.all());
  return instances.filter((instance) => now.has(instance) && instance.task !== null);
}

function all(api: Api, request: ApiRequest): Reply {
  if (wantsText(request)) return plain(api, [...api.cluster.apps.values()]);
  const { query } = request;
  const statuses = [...query.getAll('status'), ...query.getAll('status[]')];
  const wanted = statuses.map((status) => `TASK_${status.toUpperCase()}`);
  const tasks = taskList(api.instances.all(), api.agent).filter(
    ({ task }) => wanted.length === 0 || wanted.includes(task.state),
  );
  return ok({ tasks: tasks.map(({ json }) => json) });
}

function ofApp(api: Api, request: ApiRequest, idText: string): Reply {
  if (idText.endsWith('*')) {
    const group = absoluteId(idText.slice(0, -1));
    const inside = api.instances.all().filter((one) => isWithin(one.app.id, group));
    return ok({ tasks: taskList(inside, api.agent).map(({ json }) => json) });
  }
  const app = api.cluster.app(absoluteId(idText));
  if (wantsText(request)) return plain(api, [app]);
  return ok({ tasks: taskList(api.instances.of(app.id), api.agent).map(({ json }) => json) });
}

/** Exactly these instances go, and their apps want so many fewer. */
function killAndScale(api: Api, request: ApiRequest, instances: readonly Instance[]): Deployment {
  const byApp = new Map<string, Instance[]>();
  for (const instance of instances) {
    const id = instance.app.id;
    if (instance.active && instance.condition !== 'Killing' && api.cluster.apps.has(id)) {
      byApp.set(id, [...(byApp.get(id) ?? []), instance]);
    }
  }
  const sentences = new Map([...byApp].map(([id, group]) => [id, group.map((one) => one.id)]));
  return api.cluster.change({
    force: queryFlag(request, 'force'),
    group: '/',
    sentences,
    next: (apps, version) => {
      const requests = [...byApp].map(([id, group]) => {
        const app = requestOf(api.cluster.app(id));
        return { ...app, instances: Math.max(0, app.instances - group.length) };
      });
      return withApps(apps, requests, version);
    },
  });
}

/** Kills the tasks; their instances are launched again. */
function killOnly(api: Api, instances: readonly Instance[]): void {
  for (const instance of instances) api.instances.kill(instance, 'replace');
}

function scaling(request: ApiRequest): boolean {
  const scale = queryFlag(request, 'scale');
  if (scale && queryFlag(request, 'wipe')) {
    throw new ApiError(400, 'You cannot use scale and wipe at the same time.');
  }
  return scale;
}

function kill(api: Api, request: ApiRequest, instances: readonly Instance[]): Reply {
  const found = listed(api, instances);
  if (scaling(request)) return deployed(killAndScale(api, request, found));
  killOnly(api, found);
  return ok({ tasks: taskList(found, api.agent).map(({ json }) => json) });
}

function killListed(api: Api, request: ApiRequest): Reply {
  const ids = objectBody(request)['ids'];
  if (ids === undefined) throw badShape([{ path: '/ids', errors: ['error.path.missing'] }]);
  if (!isArray(ids)) throw badShape([{ path: '/ids', errors: ['error.expected.jsarray'] }]);
  const instances = ids.flatMap((id, index) => {
    if (typeof id !== 'string') {
      throw badShape([{ path: `/ids(${index})`, errors: ['error.expected.jsstring'] }]);
    }
    if (!TASK_ID.test(id)) {
      throw new ApiError(400, `Invalid task id '${id}'. [taskId ${id} no valid identifier]`);
    }
    return api.instances.byTask(id) ?? [];
  });
  return kill(api, request, instances);
}

function killOfApp(api: Api, request: ApiRequest, idText: string): Reply {
  const app = api.cluster.app(absoluteId(idText));
  const host = request.query.get('host');
  const elsewhere = host !== null && host !== '' && host !== '*' && host !== api.agent.hostname;
  return kill(api, request, elsewhere ? [] : api.instances.of(app.id));
}

function killOne(api: Api, request: ApiRequest, idText: string, taskId: string): Reply {
  const app = api.cluster.app(absoluteId(idText));
  const instance = api.instances.byTask(taskId);
  if (!instance?.task || instance.app.id !== app.id) {
    throw new ApiError(404, `Task '${taskId}' does not exist`);
  }
  if (scaling(request)) return deployed(killAndScale(api, request, [instance]));
  const { task } = instance;
  killOnly(api, [instance]);
  return ok({ task: taskJson(instance, task, api.agent, servicePorts(task.app)) });
}

export function taskRoutes(api: Api): readonly Route[] {
  const tasks = /^\/v2\/tasks\/?$/;
  const many = /^\/v2\/apps\/(.+)\/tasks\/?$/;
  const one = /^\/v2\/apps\/(.+)\/tasks\/([^/]+)$/;
  return [
    { method: 'GET', pattern: tasks, handle: (request) => all(api, request) },
    {
      method: 'POST',
      pattern: /^\/v2\/tasks\/delete\/?$/,
      handle: (request) => killListed(api, request),
    },
    { method: 'GET', pattern: many, handle: (request, [id = '']) => ofApp(api, request, id) },
    {
      method: 'DELETE',
      pattern: many,
      handle: (request, [id = '']) => killOfApp(api, request, id),
    },
    {
      method: 'DELETE',
      pattern: one,
      handle: (request, [id = '', task = '']) => killOne(api, request, id, task),
    },
  ];
}
