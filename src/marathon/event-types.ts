// The events of Marathon that say "look again". Marathon filters by this list (since 1.3.7); what is
// not in it costs neither side anything.

/**
 * Everything that can move a server in or out of a pool, or change which colour is ready:
 * - a task's state: `status_update_event` (TASK_KILLING among them), and `instance_changed_event` for
 *   what no Mesos update announces (an agent becoming unreachable);
 * - a verdict: `health_status_changed_event` is the flip of one check, `instance_health_changed_event`
 *   also tells of the first verdict, which is no flip; the `unhealthy_*_kill_event` pair (the older name
 *   up to 1.3) announces a kill before its status update;
 * - a definition: `api_post_event` comes for single apps only, `group_change_success` for deletes,
 *   groups and lists of apps as well, `app_terminated_event` when the last task is gone;
 * - whether a deployment runs, which decides on readiness: `deployment_*`;
 * - `event_stream_attached`, the first frame of a stream: proof that events do come through.
 */
export const EVENT_TYPES: readonly string[] = [
  'event_stream_attached',
  'api_post_event',
  'group_change_success',
  'app_terminated_event',
  'status_update_event',
  'instance_changed_event',
  'health_status_changed_event',
  'instance_health_changed_event',
  'unhealthy_task_kill_event',
  'unhealthy_instance_kill_event',
  'deployment_info',
  'deployment_step_success',
  'deployment_success',
  'deployment_failed',
];

/** `plan-format=light`: without it, Marathon 1.5 to 1.7 sends the whole root group twice per deployment event. */
export const EVENTS_PATH = `/v2/events?plan-format=light${EVENT_TYPES.map((type) => `&event_type=${type}`).join('')}`;
