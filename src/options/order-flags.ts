// Flags about colours: who may order and who may look ahead, how long a colour drains, and what it may do
// worse than the one before it while it bakes.

import { readFileSync } from 'node:fs';
import { reasonOf } from './certificates.ts';
import type { Given } from './command-line.ts';
import { numberOf } from './flag-values.ts';
import type { Flag } from './flags.ts';
import { UsageError } from './usage-error.ts';

export interface BakeOptions {
  /** 0 = no bake time where no label asks for one. */
  readonly bakeMs: number;
  readonly maxErrorPercent: number;
  /** 0 = answers may take as long as they like. */
  readonly maxSlowdownPercent: number;
  readonly minRequests: number;
}

export const DEFAULT_BAKE: BakeOptions = Object.freeze({
  bakeMs: 0,
  maxErrorPercent: 5,
  maxSlowdownPercent: 200,
  minRequests: 50,
});

export const ORDER_FLAGS: readonly Flag[] = [
  {
    name: 'admin-token-file',
    takes: 'value',
    hint: 'FILE',
    help: 'file with the token that orders on the stats port need; else TEAL_ADMIN_TOKEN (none: from this machine only)',
  },
  {
    name: 'preview-secret-file',
    takes: 'value',
    hint: 'FILE',
    help: 'file with the secret of X-Teal-Preview and the cookie teal_preview; else TEAL_PREVIEW_SECRET (no previews)',
  },
  {
    name: 'colour-drain-seconds',
    takes: 'value',
    hint: 'SECONDS',
    help: 'how long what is in flight may go on when a colour or server is left (300)',
  },
  {
    name: 'bake-seconds',
    takes: 'value',
    hint: 'SECONDS',
    help: 'a colour that became live is compared so long with the one before, and left if worse; 0 = not (0)',
  },
  {
    name: 'bake-max-error-percent',
    takes: 'value',
    hint: 'N',
    help: 'requests that may fail beyond those that failed before (5)',
  },
  {
    name: 'bake-max-slowdown-percent',
    takes: 'value',
    hint: 'N',
    help: 'time that answers may take longer than before; 0 = any (200)',
  },
  {
    name: 'bake-min-requests',
    takes: 'value',
    hint: 'N',
    help: 'fewer requests say nothing (50)',
  },
];

/** Throws UsageError. */
export function readColourDrainMs(given: Given): number {
  return numberOf(given, 'colour-drain-seconds', 300, 1, 86_400) * 1_000;
}

/** Throws UsageError. */
export function readBakeOptions(given: Given): BakeOptions {
  const { maxErrorPercent, maxSlowdownPercent, minRequests } = DEFAULT_BAKE;
  return {
    bakeMs: numberOf(given, 'bake-seconds', 0, 0, 86_400) * 1_000,
    maxErrorPercent: numberOf(given, 'bake-max-error-percent', maxErrorPercent, 0, 100),
    maxSlowdownPercent: numberOf(
      given,
      'bake-max-slowdown-percent',
      maxSlowdownPercent,
      0,
      100_000,
    ),
    minRequests: numberOf(given, 'bake-min-requests', minRequests, 1, 1_000_000),
  };
}

/** Printable, and nothing that ends it in a header field or cookie. */
const SECRET = /^[!#-+\--:<-~]{8,512}$/;

/** What a secret is called where it may be given. */
export interface SecretNames {
  readonly flag: string;
  readonly variable: string;
}

/** What is in the file, else in the variable; empty = nothing is set. Throws UsageError. */
export function readSecret(path: string, fromEnvironment: string, names: SecretNames): string {
  if (path === '') return checkedSecret(fromEnvironment, names.variable);
  const where = `${names.flag} ${path}`;
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new UsageError(`${where}: ${reasonOf(error)}; expected a file with the secret`);
  }
  if (text === '') throw new UsageError(`${where}: it is empty; expected the secret`);
  return checkedSecret(text, where);
}

function checkedSecret(secret: string, where: string): string {
  if (secret === '' || SECRET.test(secret)) return secret;
  throw new UsageError(`${where}: expected 8 to 512 printable characters without blanks , ; and "`);
}
