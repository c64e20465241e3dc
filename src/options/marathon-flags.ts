// How commands that order something of Marathon are told of it: the same flags as the balancer's.

import type { Given } from './command-line.ts';
import { marathonUrl } from './flag-values.ts';
import type { Flag } from './flags.ts';
import { MARATHON_LB_FLAGS } from './marathon-lb-flags.ts';
import { TEAL_FLAGS } from './teal-flags.ts';

const NAMES: readonly string[] = [
  'marathon',
  'marathon-auth-credential-file',
  'auth-credentials',
  'dcos-auth-credentials',
  'marathon-ca-cert',
  'marathon-tls-verify',
];

const DEFAULT_MARATHON = 'http://master.mesos:8080';

export const MARATHON_FLAGS: readonly Flag[] = [...MARATHON_LB_FLAGS, ...TEAL_FLAGS]
  .filter(({ name }) => NAMES.includes(name))
  .map((flag) => (flag.takes === 'list' ? { ...flag, takes: 'each' } : flag));

/** Base URLs in order of preference. Throws UsageError. */
export function marathonsOf(given: Given): readonly string[] {
  return (given.get('marathon') ?? [DEFAULT_MARATHON]).map(marathonUrl);
}
