// /v2/apps: reading, creating, changing, deleting and restarting apps, and their versions.

import {
  type Api,
  type ApiRequest,
  arrayBody,
  deployed,
  objectBody,
  ok,
  queryFlag,
  type Reply,
  type Route,
} from './api.ts';
import { ApiError, badShape, notValid, unknownApp } from './api-error.ts';
import type { AppDefinition, AppRequest } from './app-definition.ts';
import { appJson, definitionJson, type Embed } from './app-json.ts';
import { absoluteId, isWithin, parentOf } from './app-path.ts';
import { shapeViolations } from './app-shape.ts';
import { withApps, withoutApps } from './cluster.ts';
import { embedOf } from './embed.ts';
import type { Json, JsonObject } from './json.ts';
import { parseLabelSelector } from './label-selector.ts';
import { normalizeApp, requestOf, withUpdate } from './normalize.ts';
import { type Apps, restarted } from './upgrade.ts';
import { parseTimestamp } from './version-clock.ts';

const IN_LIST = { counts: true, deployments: true };
const IN_SINGLE = { ...IN_LIST, tasks: true, lastTaskFailure: true };

export function appInfo(api: Api, app: AppDefinition, embed: Embed): JsonObject {
  const state = {
    instances: api.instances.of(app.id),
    deployments: api.deployments.on(app.id),
    lastFailure: api.instances.lastFailure(app.id),
  };
  return appJson(app, state, embed, api.agent);
}

function list(api: Api, request: ApiRequest): Reply {
  const { query } = request;
  const selector = parseLabelSelector(query.get('label') ?? '');
  const contains = (value: string | undefined, wanted: string | null): boolean =>
    wanted === null || (value ?? '').toLowerCase().includes(wanted.toLowerCase());
  const embed = embedOf(request, IN_LIST);
  const found = [...api.cluster.apps.values()].filter(
    (app) =>
      contains(app.cmd, query.get('cmd')) &&
      contains(app.id, query.get('id')) &&
      selector(app.labels),
  );
  return ok({ apps: found.map((app) => appInfo(api, app, embed)) });
}

/** What was posted, as POST and its event tell it: before service ports are assigned. */
function posted(app: AppRequest, version: string, deploymentId: string): JsonObject {
  return {
    ...definitionJson({ ...app, version }),
    tasksStaged: 0,
    tasksRunning: 0,
    tasksHealthy: 0,
    tasksUnhealthy: 0,
    deployments: [{ id: deploymentId }],
  };
}

function announce(api: Api, request: ApiRequest, app: JsonObject): void {
  api.bus.publish('api_post_event', {
    clientIp: request.remoteAddress,
    uri: request.path,
    appDefinition: app,
  });
}

function create(api: Api, request: ApiRequest): Reply {
  const app = normalizeApp(objectBody(request));
  const deployment = api.cluster.change({
    force: queryFlag(request, 'force'),
    group: parentOf(app.id),
    next: (apps, version) => {
      if (apps.has(app.id)) {
        throw new ApiError(409, `An app with id [${app.id}] already exists.`);
      }
      return withApps(apps, [app], version);
    },
  });
  const info = posted(app, deployment.version, deployment.id);
  announce(api, request, info);
  return deployed(deployment, 201, info, `/v2/apps${app.id}`);
}

function rollbackTo(api: Api, current: AppDefinition, version: Json | undefined): AppRequest {
  const wanted = typeof version === 'string' ? parseTimestamp(version) : null;
  if (wanted === null) {
    throw new ApiError(
      422,
      `Invalid timestamp provided '${String(version)}'. Expecting ISO-8601 datetime string.`,
    );
  }
  const earlier = api.cluster.versionsOf(current.id).find((app) => app.version === wanted);
  if (!earlier) {
    throw new ApiError(
      422,
      `Rollback version not available: ${current.id} has no version ${wanted}`,
    );
  }
  return requestOf(earlier);
}

/** What one update asks for; `partial` lays it over what is there. */
function updated(api: Api, id: string, body: JsonObject, partial: boolean): AppRequest {
  const misshapen = shapeViolations(body);
  if (misshapen.length > 0) throw badShape(misshapen);
  const current = api.cluster.apps.get(id);
  if ((body['version'] ?? null) !== null) {
    const others = Object.keys(body).filter((key) => key !== 'version' && key !== 'id');
    // Clients send back what they read: with a whole app the version is only an echo.
    if (others.length === 0 && current) return rollbackTo(api, current, body['version']);
    if (others.length > 0 && partial) {
      const errors = ["The 'version' field may only be combined with the 'id' field."];
      throw notValid([{ path: '/', errors }]);
    }
  }
  return normalizeApp(partial && current ? withUpdate(current, body) : { ...body, id });
}

function replace(api: Api, request: ApiRequest, idText: string, creates: boolean): Reply {
  const id = absoluteId(idText);
  const existed = api.cluster.apps.has(id);
  if (!existed && !creates) throw unknownApp(id);
  const body = objectBody(request);
  const partial = !creates || queryFlag(request, 'partialUpdate', true);
  const app = updated(api, id, body, partial);
  const deployment = api.cluster.change({
    force: queryFlag(request, 'force'),
    group: parentOf(id),
    next: (apps, version) => withApps(apps, [app], version),
  });
  announce(api, request, definitionJson(api.cluster.app(id)));
  if (existed) return deployed(deployment);
  return deployed(deployment, 201, undefined, `/v2/apps${id}`);
}

function replaceMany(api: Api, request: ApiRequest, creates: boolean): Reply {
  const partial = !creates || queryFlag(request, 'partialUpdate', true);
  const requests = arrayBody(request).map((body, index) => {
    const id = body['id'];
    if (typeof id !== 'string') {
      throw badShape([{ path: `(${index})/id`, errors: ['error.path.missing'] }]);
    }
    if (!creates && !api.cluster.apps.has(absoluteId(id))) throw unknownApp(absoluteId(id));
    return updated(api, absoluteId(id), body, partial);
  });
  const deployment = api.cluster.change({
    force: queryFlag(request, 'force'),
    group: '/',
    next: (apps, version) => withApps(apps, requests, version),
  });
  return deployed(deployment);
}

function remove(api: Api, request: ApiRequest, idText: string): Reply {
  const { id } = api.cluster.app(absoluteId(idText));
  const deployment = api.cluster.change({
    force: queryFlag(request, 'force', true),
    group: parentOf(id),
    next: (apps) => withoutApps(apps, (other) => other === id),
  });
  return deployed(deployment);
}

function restart(api: Api, request: ApiRequest, idText: string): Reply {
  const app = api.cluster.app(absoluteId(idText));
  const deployment = api.cluster.change({
    force: queryFlag(request, 'force'),
    group: parentOf(app.id),
    next: (apps: Apps, version) => new Map(apps).set(app.id, restarted(app, version)),
  });
  return deployed(deployment);
}

function version(api: Api, idText: string, text: string): Reply {
  const { id } = api.cluster.app(absoluteId(idText));
  const wanted = parseTimestamp(text);
  if (wanted === null) {
    throw new ApiError(
      422,
      `Invalid timestamp provided '${text}'. Expecting ISO-8601 datetime string.`,
    );
  }
  const app = api.cluster.versionsOf(id).find((one) => one.version === wanted);
  if (!app) throw new ApiError(404, `App '${id}' does not exist in version ${wanted}`);
  return ok(definitionJson(app));
}

export function appRoutes(api: Api): readonly Route[] {
  const all = /^\/v2\/apps\/?$/;
  const ofGroup = /^\/v2\/apps\/(.*)\*$/;
  const restarts = /^\/v2\/apps\/(.+)\/restart$/;
  const versions = /^\/v2\/apps\/(.+)\/versions\/?$/;
  const oneVersion = /^\/v2\/apps\/(.+)\/versions\/([^/]+)$/;
  const one = /^\/v2\/apps\/(.+)$/;
  const single = (request: ApiRequest, id: string): Reply =>
    ok({ app: appInfo(api, api.cluster.app(absoluteId(id)), embedOf(request, IN_SINGLE)) });
  const group = (request: ApiRequest, path: string): Reply => {
    const apps = [...api.cluster.apps.values()].filter((app) => isWithin(app.id, absoluteId(path)));
    return ok({ '*': apps.map((app) => appInfo(api, app, embedOf(request, IN_LIST))) });
  };
  return [
    { method: 'GET', pattern: all, handle: (request) => list(api, request) },
    { method: 'POST', pattern: all, handle: (request) => create(api, request) },
    { method: 'PUT', pattern: all, handle: (request) => replaceMany(api, request, true) },
    { method: 'PATCH', pattern: all, handle: (request) => replaceMany(api, request, false) },
    { method: 'GET', pattern: ofGroup, handle: (request, [path = '']) => group(request, path) },
    {
      method: 'POST',
      pattern: restarts,
      handle: (request, [id = '']) => restart(api, request, id),
    },
    {
      method: 'GET',
      pattern: versions,
      handle: (_request, [id = '']) => {
        const app = api.cluster.app(absoluteId(id));
        return ok({ versions: api.cluster.versionsOf(app.id).map((known) => known.version) });
      },
    },
    {
      method: 'GET',
      pattern: oneVersion,
      handle: (_request, [id = '', text = '']) => version(api, id, text),
    },
    { method: 'GET', pattern: one, handle: (request, [id = '']) => single(request, id) },
    {
      method: 'PUT',
      pattern: one,
      handle: (request, [id = '']) => replace(api, request, id, true),
    },
    {
      method: 'PATCH',
      pattern: one,
      handle: (request, [id = '']) => replace(api, request, id, false),
    },
    { method: 'DELETE', pattern: one, handle: (request, [id = '']) => remove(api, request, id) },
  ];
}
