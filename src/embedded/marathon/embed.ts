// The `embed` parameter: which parts beside the definition an answer carries. Unknown values are ignored.

import type { ApiRequest } from './api.ts';
import type { Embed } from './app-json.ts';

const NOTHING: Embed = {
  tasks: false,
  counts: false,
  deployments: false,
  readiness: false,
  lastTaskFailure: false,
};

const PARTS: Readonly<Record<string, Partial<Embed>>> = {
  tasks: { tasks: true, deployments: true },
  counts: { counts: true },
  deployments: { deployments: true },
  readiness: { readiness: true },
  lastTaskFailure: { lastTaskFailure: true },
  failures: { tasks: true, deployments: true, lastTaskFailure: true },
};

/** `always` is what this resource embeds unasked. */
export function embedOf(request: ApiRequest, always: Partial<Embed>): Embed {
  let embed: Embed = { ...NOTHING, ...always };
  for (const value of request.query.getAll('embed')) {
    const part = value.replace(/^(group\.apps|apps|app)\./, '');
    embed = { ...embed, ...PARTS[part] };
  }
  return embed;
}
