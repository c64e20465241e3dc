// /v2/groups: the tree of groups, and changing, scaling, rolling back and deleting whole branches of it.

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
import type { AppRequest } from './app-definition.ts';
import type { Embed } from './app-json.ts';
import { absoluteId, idProblem, isWithin, parentOf } from './app-path.ts';
import { withApps, withoutApps } from './cluster.ts';
import { stepJson } from './deployments.ts';
import { embedOf } from './embed.ts';
import type { JsonObject } from './json.ts';
import { normalizeApp, requestOf } from './normalize.ts';
import { numeric, objects, text } from './read-json.ts';
import { appInfo } from './routes-apps.ts';
import { type Apps, planSteps } from './upgrade.ts';
import { parseTimestamp } from './version-clock.ts';

function existing(api: Api, idText: string): string {
  const id = absoluteId(idText);
  if (!api.cluster.groups().has(id)) throw new ApiError(404, `Group '${id}' does not exist`);
  return id;
}

function groupJson(api: Api, id: string, embed: Embed): JsonObject {
  const apps = [...api.cluster.apps.values()].filter((app) => parentOf(app.id) === id);
  const groups = [...api.cluster.groups()].filter((one) => one !== '/' && parentOf(one) === id);
  const version = api.cluster.epochs[0]?.version ?? '';
  return {
    id,
    apps: apps.map((app) => appInfo(api, app, embed)),
    pods: [],
    groups: groups.sort().map((group) => groupJson(api, group, embed)),
    dependencies: [],
    version,
    ...(id === '/' ? {} : { enforceRole: false }),
  };
}

interface Wanted {
  readonly apps: readonly AppRequest[];
  readonly groups: readonly string[];
}

/** Everything a group's body holds, however deep. */
function flatten(body: JsonObject, id: string): Wanted {
  if (id !== '/') {
    const problem = idProblem(id);
    if (problem !== null) throw badShape([{ path: '/id', errors: [problem] }]);
  }
  const apps = (objects(body, 'apps') ?? []).map((app) => normalizeApp(app, id));
  const below = (objects(body, 'groups') ?? []).map((group, index) => {
    const name = text(group, 'id');
    if (name === undefined) {
      throw badShape([{ path: `/groups(${index})/id`, errors: ['error.path.missing'] }]);
    }
    return flatten(group, absoluteId(name, id));
  });
  return {
    apps: [...apps, ...below.flatMap((one) => one.apps)],
    groups: [id, ...below.flatMap((one) => one.groups)],
  };
}

function scaled(apps: Apps, id: string, factor: number, version: string): Apps {
  const requests = [...apps.values()]
    .filter((app) => isWithin(app.id, id))
    .map((app) => ({ ...requestOf(app), instances: Math.ceil(app.instances * factor) }));
  return withApps(apps, requests, version);
}

function rolledBack(api: Api, apps: Apps, id: string, wanted: string, version: string): Apps {
  const then = parseTimestamp(wanted);
  const epoch = api.cluster.epochs.find((one) => one.version === then);
  if (!epoch) throw new ApiError(422, `Group ${id} has no version ${wanted}`);
  const others = withoutApps(apps, (app) => isWithin(app, id) && !epoch.apps.has(app));
  const before = [...epoch.apps.values()].filter((app) => isWithin(app.id, id));
  return withApps(others, before.map(requestOf), version);
}

/** The apps after the body has been applied to the group, and the groups it mentions. */
function applied(api: Api, body: JsonObject, id: string): (apps: Apps, version: string) => Apps {
  const factor = numeric(body, 'scaleBy');
  if (factor !== undefined)
    return (apps, version) => scaled(apps, id, Math.max(0, factor), version);
  const wanted = text(body, 'version');
  const isRollback =
    wanted !== undefined && body['apps'] === undefined && body['groups'] === undefined;
  if (isRollback) return (apps, version) => rolledBack(api, apps, id, wanted, version);
  const { apps: requests } = flatten(body, id);
  const named = new Set(requests.map((request) => request.id));
  return (apps, version) =>
    withApps(
      withoutApps(apps, (app) => isWithin(app, id) && !named.has(app)),
      requests.map((request) => request),
      version,
    );
}

function change(api: Api, request: ApiRequest, id: string, status: number): Reply {
  const body = objectBody(request);
  const next = applied(api, body, id);
  const groups = flatten(body, id).groups;
  if (queryFlag(request, 'dryRun')) {
    const { apps } = api.cluster;
    return ok({ steps: planSteps(apps, next(apps, new Date().toISOString())).map(stepJson) });
  }
  const deployment = api.cluster.change({ force: queryFlag(request, 'force'), group: id, next });
  for (const group of groups) api.cluster.addGroup(group);
  const location = status === 201 ? `/v2/groups${id}` : undefined;
  return deployed(deployment, status, undefined, location);
}

function create(api: Api, request: ApiRequest, base: string): Reply {
  const name = text(objectBody(request), 'id');
  if (name === undefined) throw badShape([{ path: '/id', errors: ['error.path.missing'] }]);
  const id = absoluteId(name, absoluteId(base));
  if (id !== '/' && api.cluster.groups().has(id)) {
    throw new ApiError(409, `Group ${id} is already created. Use PUT to change this group.`);
  }
  if (api.cluster.apps.has(id)) {
    throw new ApiError(409, `An app with the path ${id} already exists.`);
  }
  return change(api, request, id, 201);
}

function put(api: Api, request: ApiRequest, base: string): Reply {
  const name = base === '' ? text(objectBody(request), 'id') : undefined;
  const id = absoluteId(name ?? base);
  return change(api, request, id, api.cluster.groups().has(id) ? 200 : 201);
}

function remove(api: Api, request: ApiRequest, idText: string): Reply {
  const id = existing(api, idText);
  const deployment = api.cluster.change({
    force: queryFlag(request, 'force'),
    group: id,
    next: (apps) => withoutApps(apps, (app) => isWithin(app, id)),
  });
  api.cluster.removeGroup(id);
  return deployed(deployment);
}

export function groupRoutes(api: Api): readonly Route[] {
  const versions = /^\/v2\/groups(\/.*)?\/versions\/?$/;
  const apps = /^\/v2\/groups(\/.*)?\/apps\/?$/;
  const one = /^\/v2\/groups(\/.*)?$/;
  return [
    {
      method: 'GET',
      pattern: versions,
      handle: (_request, [id = '']) => {
        existing(api, id);
        return ok(api.cluster.epochs.map((epoch) => epoch.version));
      },
    },
    {
      method: 'GET',
      pattern: apps,
      handle: (request, [idText = '']) => {
        const id = existing(api, idText);
        const inside = [...api.cluster.apps.values()].filter((app) => isWithin(app.id, id));
        return ok(inside.map((app) => appInfo(api, app, embedOf(request, { counts: true }))));
      },
    },
    {
      method: 'GET',
      pattern: one,
      handle: (request, [id = '']) => ok(groupJson(api, existing(api, id), embedOf(request, {}))),
    },
    { method: 'POST', pattern: one, handle: (request, [id = '']) => create(api, request, id) },
    { method: 'PUT', pattern: one, handle: (request, [id = '']) => put(api, request, id) },
    { method: 'DELETE', pattern: one, handle: (request, [id = '']) => remove(api, request, id) },
  ];
}
