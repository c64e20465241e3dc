// Which ports of an app this balancer shows: by groups and ENABLED. Pure.

import type { PortLabels } from './port-labels.ts';

/** True if the port is of one of `groups` and switched on. */
export function isShown(
  labels: PortLabels,
  groups: readonly string[],
  strictMode: boolean,
): boolean {
  return isOfGroups(labels, groups) && labels.flag(labels.haproxy('ENABLED'), !strictMode);
}

/** Marathon-LB does not trim: a name with a space matches nothing. */
function isOfGroups(labels: PortLabels, groups: readonly string[]): boolean {
  if (groups.includes('*')) return true;
  const own = labels.haproxy('GROUP');
  const label = labels.app.labels[own] === undefined ? 'HAPROXY_GROUP' : own;
  const value = labels.app.labels[label];
  if (value === undefined) return false;
  const names = value.split(',');
  if (names.some((name) => groups.includes(name))) return true;
  const near = names.find((name) => groups.includes(name.trim()));
  if (near !== undefined) tellOfSpaces(labels, label, near, 'the app is not shown here');
  return false;
}

/** What is wrong with a list of groups, whichever groups the balancer has. */
export function judgeGroups(labels: PortLabels, label: string): void {
  const value = labels.text(label);
  const near = value?.split(',').find((name) => name !== name.trim());
  if (near !== undefined) tellOfSpaces(labels, label, near, 'no balancer shows it by that name');
}

function tellOfSpaces(labels: PortLabels, label: string, name: string, effect: string): void {
  const value = labels.app.labels[label] ?? '';
  const suggestion = `${label}=${value
    .split(',')
    .map((one) => one.trim())
    .join(',')}`;
  const message = `expected group names without spaces, '${name.trim()}' for '${name}'; ${effect}`;
  labels.notes.wrong(label, message, { suggestion });
}
