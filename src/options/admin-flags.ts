// The flags of every command that talks to balancers and Marathon: which ones, who asks, and with what
// right.

import { readFileSync } from 'node:fs';
import { reasonOf } from './certificates.ts';
import type { Given } from './command-line.ts';
import type { Environment } from './environment.ts';
import type { Flag } from './flags.ts';
import { UsageError } from './usage-error.ts';

export interface AdminAccess {
  /** Base URLs of stats ports; each name may stand for several instances. */
  readonly lbs: readonly string[];
  /** Empty = none is shown. */
  readonly token: string;
}

export const ADMIN_FLAGS: readonly Flag[] = [
  {
    name: 'lb',
    takes: 'each',
    hint: 'URL',
    help: 'stats port of the balancers, every address of its name is one (http://127.0.0.1:9090)',
  },
  {
    name: 'token-file',
    takes: 'value',
    hint: 'FILE',
    help: 'file with the admin token in its first line (TEAL_ADMIN_TOKEN)',
  },
];

const DEFAULT_LB = 'http://127.0.0.1:9090';
const DEFAULT_PORT = '9090';

/** Reads the token's file. Throws UsageError. */
export function readAdminAccess(given: Given, env: Environment): AdminAccess {
  const lbs = (given.get('lb') ?? [DEFAULT_LB]).map((text) => statsPortUrl('--lb', text));
  return { lbs: [...new Set(lbs)], token: tokenOf(given.get('token-file')?.[0], env) };
}

/** Who orders, where nothing else is said: whoever runs the command. */
export function authorOf(given: Given, env: Environment, command: string): string {
  const user = env['SUDO_USER'] || env['USER'] || env['LOGNAME'] || 'somebody';
  return given.get('by')?.[0] ?? `${user} (teal ${command})`;
}

/** Base URL of a stats port; `where`: the flag or variable that says it. Throws UsageError. */
export function statsPortUrl(where: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 'http:' || url.username !== '' || url.pathname !== '/') {
    throw new UsageError(`${where} '${text}': expected a URL such as http://balancer:9090`);
  }
  // WHATWG drops `:80`, and whoever leaves the port out means the stats port.
  const port = url.port || (/:80\/?$/.test(text) ? '80' : DEFAULT_PORT);
  return `http://${url.hostname}:${port}`;
}

function tokenOf(path: string | undefined, env: Environment): string {
  if (path === undefined) return env['TEAL_ADMIN_TOKEN'] ?? '';
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`--token-file ${path}: ${reasonOf(error)}`);
  }
  const [token = ''] = text.split(/\r?\n/, 1);
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new UsageError(`--token-file ${path}: expected a token without blanks in its first line`);
  }
  return token;
}
