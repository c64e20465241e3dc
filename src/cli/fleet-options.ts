// What the workers are started with: the data plane's defaults, and what of them the options change.

import { fileURLToPath } from 'node:url';
import type { FleetOptions } from '../fleet/fleet.ts';
import type { ServeOptions } from '../options/serve-options.ts';
import { DEFAULT_PROXY_SETTINGS } from '../proxy/settings.ts';
import type { StartFiles } from './start-files.ts';

/** `certificates`: in PEM, for the https listener. */
export function fleetOptions(
  { relay, log, colourDrainMs, workers, logLevel }: ServeOptions,
  { previewSecret }: StartFiles,
  certificates: readonly string[],
): FleetOptions {
  const settings = {
    ...DEFAULT_PROXY_SETTINGS,
    ...relay,
    ...log,
    drainDeadlineMs: colourDrainMs,
    previewSecret,
    workers,
    certificates,
  };
  return { workers, program: workerProgram(), settings, logLevel };
}

/** The built program beside this module; workers are processes and run built code only. */
function workerProgram(): string {
  return fileURLToPath(new URL('../fleet/worker-main.js', import.meta.url));
}
