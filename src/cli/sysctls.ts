// HAPROXY_SYSCTL_PARAMS: kernel parameters, set where the container may set them. Where it may not, the
// machine's own values stay, with one warning: unlike Marathon-LB's, this image needs no privilege to
// start, so HAPROXY_SYSCTL_NONSTRICT is always in force.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../log/logger.ts';

const PARAMETER = /^([A-Za-z0-9_-]+(?:[./][A-Za-z0-9_-]+)+)=(.+)$/;

/** `name=value` each, as `sysctl -w` takes them. `root` is where the kernel shows its parameters. */
export function setSysctls(parameters: readonly string[], log: Logger, root = '/proc/sys'): void {
  const faults: string[] = [];
  const set: string[] = [];
  for (const parameter of parameters) {
    const [, name, value] = PARAMETER.exec(parameter) ?? [];
    if (name === undefined || value === undefined) {
      faults.push(`'${parameter.slice(0, 100)}': expected name=value`);
      continue;
    }
    const path = join(root, name.replaceAll('.', '/'));
    try {
      if (readFileSync(path, 'utf8').trim() !== value) writeFileSync(path, value);
      set.push(parameter);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      faults.push(`${name}: ${code === 'ENOENT' ? 'no such parameter' : code}`);
    }
  }
  if (set.length > 0) log.info({ set }, 'kernel parameters hold as HAPROXY_SYSCTL_PARAMS says');
  if (faults.length === 0) return;
  log.warn(
    { faults },
    `HAPROXY_SYSCTL_PARAMS: not set, the machine's own hold: ${faults.join('; ')}`,
  );
}
