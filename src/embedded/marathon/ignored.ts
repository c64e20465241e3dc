// What an app asks for that only a real cluster can give. Nothing of it is dropped silently.

import type { AppRequest } from './app-definition.ts';

/** Names of the parts of the definition that have no effect here; empty when all have. */
export function ignoredParts(app: AppRequest): readonly string[] {
  const docker = app.container?.docker;
  const found: readonly (readonly [string, boolean])[] = [
    ['constraints', app.constraints !== undefined],
    ['fetch', app.fetch !== undefined],
    ['secrets', app.secrets !== undefined],
    ['user', app.user !== undefined],
    ['check', app.check !== undefined],
    ['container.volumes', (app.container?.volumes.length ?? 0) > 0],
    ['container.docker.parameters', (docker?.parameters?.length ?? 0) > 0],
    // The image is one program here, whatever it is told to run.
    ['cmd', docker !== undefined && app.cmd !== undefined],
    ['args', docker !== undefined && app.args !== undefined],
  ];
  return found.filter(([, asked]) => asked).map(([name]) => name);
}
