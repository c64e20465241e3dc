// Texts of Marathon-LB's templates for a port, from its labels and from the balancer's environment, read
// as directives, and what was made of each told to whoever wrote it. Pure.

import { isIP } from 'node:net';
import type { Mode } from './claim.ts';
import type { Directives } from './directives/directives.ts';
import { readTemplates } from './directives/read.ts';
import { isUsed, TEMPLATES, type TemplateUser } from './directives/templates.ts';
import { TEMPLATE_NAMES } from './known-labels.ts';
import { isPath } from './path-prefixes.ts';
import type { PortLabels } from './port-labels.ts';
import type { Problem } from './problem.ts';

/** What the templates of a port depend on besides its labels. */
export interface TemplateRules {
  readonly mode: Mode;
  /** Of VHOST. */
  readonly hosts: readonly string[];
  /** The balancer's own texts, see `LabelOptions`. */
  readonly templates: ReadonlyMap<string, string>;
}

const SWITCHES: readonly string[] = ['REDIRECT_TO_HTTPS', 'USE_HSTS', 'STICKY'];
const NAMES: ReadonlySet<string> = new Set(TEMPLATE_NAMES);
const NOTHING: Directives = readTemplates(new Map());
/** Most apps have no texts of their own: what is read of the balancer's is the same for all of them. */
const shared = new WeakMap<ReadonlyMap<string, string>, Map<string, Directives>>();
const sharedProblems = new WeakMap<ReadonlyMap<string, string>, readonly Problem[]>();

export function readTemplateLabels(labels: PortLabels, rules: TemplateRules): Directives {
  const own = ownTexts(labels);
  if (own.size === 0 && rules.templates.size === 0) return NOTHING;
  const user: TemplateUser = {
    mode: rules.mode,
    hosts: rules.hosts.length,
    has: (name) => isGiven(labels, name),
  };
  const texts = new Map<string, string>();
  for (const name of TEMPLATES.keys()) {
    const text = own.get(name) ?? rules.templates.get(name);
    if (text !== undefined && isUsed(name, user)) texts.set(name, text);
  }
  const values = valuesOf(labels, rules.hosts);
  if (own.size === 0) return readShared(rules.templates, texts, values);
  const directives = readTemplates(texts, values);
  for (const name of own.keys()) tell(labels, name, texts.has(name), directives);
  return directives;
}

/** Address of the one server that a template names; empty = there is none. */
export function readServerAddress(labels: PortLabels, { server }: Directives): string {
  if (server.host === '' || isIP(server.host) !== 0) return server.host;
  const message =
    'expected {host_ipv4} or an IP address, other names are not resolved; the tasks are dialled';
  labels.notes.ignored(labels.haproxy('BACKEND_SERVER_OPTIONS'), message, { piece: server.host });
  return '';
}

/** What is wrong with the balancer's own texts: told once, not for each app. */
export function templateProblems(templates: ReadonlyMap<string, string>): readonly Problem[] {
  if (templates.size === 0) return [];
  const known = sharedProblems.get(templates);
  if (known !== undefined) return known;
  const { ignored } = readTemplates(templates);
  const problems = ignored.map(({ template, line, directive, reason }) => ({
    app: null,
    where: `HAPROXY_${template}`,
    value: directive,
    message: `line ${line}: ${reason}`,
  }));
  sharedProblems.set(templates, problems);
  return problems;
}

function ownTexts(labels: PortLabels): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  const prefix = labels.haproxy('');
  for (const label of Object.keys(labels.app.labels)) {
    if (!label.startsWith(prefix)) continue;
    const name = label.slice(prefix.length);
    if (NAMES.has(name)) texts.set(name, labels.text(label) ?? '');
  }
  return texts;
}

function readShared(
  templates: ReadonlyMap<string, string>,
  texts: ReadonlyMap<string, string>,
  values: Readonly<Record<string, string>>,
): Directives {
  const known = shared.get(templates) ?? new Map<string, Directives>();
  shared.set(templates, known);
  const isPersonal = [...texts.values()].some((text) =>
    Object.keys(values).some((name) => text.includes(`{${name}}`)),
  );
  if (isPersonal) return readTemplates(texts, values);
  const key = [...texts.keys()].join(' ');
  const directives = known.get(key) ?? readTemplates(texts);
  known.set(key, directives);
  return directives;
}

function isGiven(labels: PortLabels, name: string): boolean {
  const label = labels.haproxy(name);
  if (SWITCHES.includes(name)) return labels.isOn(label);
  return Boolean(labels.app.labels[label]?.trim());
}

/** What placeholders stand for; values that could be read as directives are none. */
function valuesOf(
  { app, portIndex }: PortLabels,
  hosts: readonly string[],
): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  if (hosts.length > 0) values['hostname'] = hosts.join(',');
  const paths = {
    proxypath: 'HTTP_BACKEND_PROXYPASS_PATH',
    rootpath: 'HTTP_BACKEND_REVPROXY_PATH',
  };
  for (const [name, label] of Object.entries(paths)) {
    const value = app.labels[`HAPROXY_${portIndex}_${label}`]?.trim() ?? '';
    if (isPath(value)) values[name] = value;
  }
  return values;
}

function tell(labels: PortLabels, name: string, isInUse: boolean, directives: Directives): void {
  const label = labels.haproxy(name);
  if (!isInUse) {
    const switchedBy = TEMPLATES.get(name)?.switchedBy ?? '';
    const hint = switchedBy === '' ? '' : `, it takes ${labels.haproxy(switchedBy)}`;
    labels.notes.passedOver(label, `nothing on this port makes use of this template${hint}`);
    return;
  }
  const notes = directives.understood
    .filter((one) => one.template === name && one.reason !== '')
    .map(({ line, directive, reason }) => `line ${line} '${directive}': ${reason}`);
  labels.notes.translated(label, notes.join(' · '));
  for (const { template, line, directive, reason } of directives.ignored) {
    if (template !== name) continue;
    labels.notes.ignored(label, `line ${line}: ${reason}`, { piece: directive });
  }
}
