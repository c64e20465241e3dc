// What Python's `str.format` makes of a template: doubled braces become single ones, `{backend}` the
// name of the backend. A placeholder whose value is not known here stays in the text as a marked name.

import { refuse } from './refusal.ts';

/** Around the name of a placeholder; no text from outside keeps them. */
const OPEN = '\uE000';
const CLOSE = '\uE001';
const MARKED = /\uE000([a-z0-9_]+)\uE001/gi;
const ALONE = /^\uE000([a-z0-9_]+)\uE001$/i;

const NAMES: ReadonlySet<string> = new Set([
  'appId',
  'backend',
  'balance',
  'bindAddr',
  'bindOptions',
  'bindOpts',
  'cleanedUpAppId',
  'cleanedUpHostname',
  'cookieOptions',
  'haproxy_dir',
  'healthCheckFalls',
  'healthCheckGracePeriodSeconds',
  'healthCheckIntervalSeconds',
  'healthCheckMaxConsecutiveFailures',
  'healthCheckOptions',
  'healthCheckPath',
  'healthCheckPort',
  'healthCheckPortIndex',
  'healthCheckPortOptions',
  'healthCheckProtocol',
  'healthCheckTimeoutSeconds',
  'host',
  'host_ipv4',
  'hostname',
  'mode',
  'name',
  'network_allowed',
  'otherOptions',
  'passwd',
  'path',
  'port',
  'proxypath',
  'realm',
  'redirpath',
  'rootpath',
  'serverId',
  'serverName',
  'servicePort',
  'sslCert',
  'sslCerts',
  'user',
]);

/** Text without characters that mean something here. */
export function withoutMarks(text: string): string {
  return text.replaceAll(/[\uE000\uE001]/g, '\uFFFD');
}

/** Formats a text. A single brace that belongs to no name stays, though Python would stop at it. */
export function format(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (piece, name?: string) => {
    if (name === undefined) return piece.slice(0, 1);
    return (Object.hasOwn(values, name) ? values[name] : undefined) ?? `${OPEN}${name}${CLOSE}`;
  });
}

/** The name if the word is nothing but a placeholder; empty if not. */
export function placeholderIn(word: string): string {
  return ALONE.exec(word)?.[1] ?? '';
}

/** Names of all placeholders in a word. */
export function placeholdersIn(word: string): readonly string[] {
  return [...word.matchAll(MARKED)].map(([, name]) => name as string);
}

/** The word as it was written. */
export function asWritten(word: string): string {
  return word.replaceAll(MARKED, '{$1}');
}

/** The word without its placeholders. */
export function withoutPlaceholders(word: string): string {
  return word.replaceAll(MARKED, '');
}

/** The word itself, where a placeholder cannot stand. */
export function literal(word: string): string {
  const [name] = placeholdersIn(word);
  return name === undefined ? word : refuse(`what {${name}} stands for is not known here`);
}

/** Refuses names that Marathon-LB does not know; it would stop at them for every app. */
export function checkNames(words: readonly string[]): void {
  for (const name of words.flatMap(placeholdersIn)) {
    if (!NAMES.has(name)) {
      refuse(`expected a placeholder that Marathon-LB knows in place of {${name}}`);
    }
  }
}
