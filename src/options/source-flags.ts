// Flags of the sources beside Marathon: a file of services, Mesos-DNS, and what is kept on disk.

import type { Given } from './command-line.ts';
import { numberOf } from './flag-values.ts';
import type { Flag } from './flags.ts';
import { UsageError } from './usage-error.ts';

export interface SourceOptions {
  /** File of declared services; empty = none. */
  readonly servicesFile: string;
  /** Who is asked for SRV records, in order of preference; empty = the system's resolvers. */
  readonly mesosDns: readonly string[];
  /** Marathon's apps are looked up, too: `--mesos-dns` was given. */
  readonly followsApps: boolean;
  readonly dnsDomain: string;
  /** Marathon's name as a Mesos framework. */
  readonly framework: string;
  /** No answer of Marathon for this long after it was due: servers of its apps follow Mesos-DNS. */
  readonly dnsFallbackMs: number;
  /** How long the last servers of a SRV name stay when it is empty or gone. */
  readonly dnsKeepMs: number;
  /** Marathon's last answer is older: `/readyz` says no; 0 = it may be as old as it likes. */
  readonly maxKnowledgeAgeMs: number;
  /** Folder for what survives a restart; empty = nothing is kept. */
  readonly stateFolder: string;
}

export const NO_SOURCES: SourceOptions = Object.freeze({
  servicesFile: '',
  mesosDns: Object.freeze([]),
  followsApps: false,
  dnsDomain: 'mesos',
  framework: 'marathon',
  dnsFallbackMs: 30_000,
  dnsKeepMs: 300_000,
  maxKnowledgeAgeMs: 0,
  stateFolder: '',
});

export const SOURCE_FLAGS: readonly Flag[] = [
  {
    name: 'config',
    takes: 'value',
    hint: 'FILE',
    help: 'JSON file of services with SRV names or fixed servers, beside those of Marathon',
  },
  {
    name: 'mesos-dns',
    takes: 'list',
    hint: 'ADDRESS',
    help: "Mesos-DNS: 10.0.0.1, 10.0.0.1:53 or http://10.0.0.1:8123; followed while Marathon is away (the system's resolvers, for --config only)",
  },
  { name: 'mesos-dns-domain', takes: 'value', hint: 'NAME', help: "Mesos-DNS' domain (mesos)" },
  {
    name: 'marathon-framework',
    takes: 'value',
    hint: 'NAME',
    help: "Marathon's name as a Mesos framework (marathon)",
  },
  {
    name: 'mesos-dns-after-seconds',
    takes: 'value',
    hint: 'SECONDS',
    help: 'Marathon silent for so long: servers of its apps follow Mesos-DNS (30)',
  },
  {
    name: 'mesos-dns-keep-seconds',
    takes: 'value',
    hint: 'SECONDS',
    help: 'how long the last servers of a name that is suddenly empty stay (300)',
  },
  {
    name: 'max-knowledge-age-seconds',
    takes: 'value',
    hint: 'SECONDS',
    help: "/readyz says no once Marathon's last answer is older; 0 = it may be as old as it likes (0)",
  },
  {
    name: 'state-dir',
    takes: 'value',
    hint: 'FOLDER',
    help: 'folder for what survives a restart: orders, what is live, the last app list (nothing is kept)',
  },
];

const MAX_KNOWLEDGE_AGE_SECONDS = 30 * 86_400;

const NAME = /^[a-zA-Z0-9_-]+(?:\.[a-zA-Z0-9_-]+)*$/;

/** Throws UsageError. */
export function readSourceOptions(given: Given): SourceOptions {
  const mesosDns = (given.get('mesos-dns') ?? [])
    .flatMap((value) => value.split(','))
    .filter(Boolean);
  return {
    servicesFile: given.get('config')?.[0] ?? '',
    mesosDns,
    followsApps: mesosDns.length > 0,
    dnsDomain: nameOf(given, 'mesos-dns-domain', NO_SOURCES.dnsDomain),
    framework: nameOf(given, 'marathon-framework', NO_SOURCES.framework),
    dnsFallbackMs: numberOf(given, 'mesos-dns-after-seconds', 30, 0, 86_400) * 1_000,
    dnsKeepMs: numberOf(given, 'mesos-dns-keep-seconds', 300, 0, 86_400) * 1_000,
    maxKnowledgeAgeMs:
      numberOf(given, 'max-knowledge-age-seconds', 0, 0, MAX_KNOWLEDGE_AGE_SECONDS) * 1_000,
    stateFolder: given.get('state-dir')?.[0] ?? '',
  };
}

function nameOf(given: Given, flag: string, fallback: string): string {
  const name = given.get(flag)?.[0] ?? fallback;
  if (NAME.test(name)) return name;
  throw new UsageError(`--${flag} '${name}': expected a DNS name without a dot at its ends`);
}
