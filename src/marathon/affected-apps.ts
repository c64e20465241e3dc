// An event of Marathon → the apps that have to be read again because of it. Pure. Whatever is not plain
// is answered with all of them: reading too much costs time, reading too little a stale pool.

import type { MarathonApp } from './app.ts';

/** `all`, or ids; none = nothing that is read has changed. */
export type Affected = 'all' | readonly string[];

/** Ids as Marathon makes them; whatever else stands in an event is not put into a URL. */
const APP_ID = /^(?:\/(?!\.+(?:\/|$))[A-Za-z0-9._-]+)+$/;

/** `event` is the parsed data, anything if it could not be parsed; `apps` are those known now. */
export function affectedApps(type: string, event: unknown, apps: readonly MarathonApp[]): Affected {
  switch (type) {
    case 'status_update_event':
    case 'health_status_changed_event':
    case 'unhealthy_task_kill_event':
    case 'unhealthy_instance_kill_event':
      return only(member(event, 'appId'));
    case 'instance_changed_event':
    case 'instance_health_changed_event':
      return only(member(event, 'runSpecId'));
    case 'api_post_event':
      return only(member(member(event, 'appDefinition'), 'id'));
    case 'deployment_info':
    case 'deployment_step_success':
    case 'deployment_success':
    case 'deployment_failed':
      return deployed(event, apps);
    default:
      // `group_change_success`, `app_terminated_event`, a new stream.
      return 'all';
  }
}

function only(id: unknown): Affected {
  return isAppId(id) ? [id] : 'all';
}

/**
 * The apps of the step, and those that the deployment is known to run on: whether it does is what
 * changes. With the light plan format an event tells no other apps.
 */
function deployed(event: unknown, apps: readonly MarathonApp[]): Affected {
  const deployment = member(member(event, 'plan'), 'id');
  if (typeof deployment !== 'string') return 'all';
  const ids = new Set<string>();
  const actions = member(member(event, 'currentStep'), 'actions');
  for (const action of Array.isArray(actions) ? actions : []) {
    const id = member(action, 'app');
    // A step of a pod has none.
    if (id === undefined) continue;
    if (!isAppId(id)) return 'all';
    ids.add(id);
  }
  for (const app of apps) if (app.deployments.includes(deployment)) ids.add(app.id);
  return [...ids];
}

function isAppId(id: unknown): id is string {
  return typeof id === 'string' && id.length < 1_000 && APP_ID.test(id);
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
