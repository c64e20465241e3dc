// Where a service port is and how it speaks: PORT, BIND_ADDR, MODE, SSL_CERT, BIND_OPTIONS and
// BACKEND_HEALTHCHECK_PORT_INDEX. Pure.

import { isIP } from 'node:net';
import { type BindWish, readBind } from './bind-options.ts';
import { chosenCheck } from './checks.ts';
import type { Mode } from './claim.ts';
import type { Directives } from './directives/directives.ts';
import type { PortLabels } from './port-labels.ts';

const HTTP_PROTOCOLS: ReadonlySet<string> = new Set(['HTTP', 'HTTPS', 'MESOS_HTTP', 'MESOS_HTTPS']);

/** 0 = there is none. */
export function readServicePort(labels: PortLabels): number {
  const defined = labels.app.servicePorts[labels.portIndex] ?? 0;
  const label = labels.haproxy('PORT');
  const value = labels.text(label)?.trim();
  if (value === undefined) return defined;
  const port = /^\d{1,5}$/.test(value) ? Number(value) : 0;
  if (port >= 1 && port <= 65_535) return port;
  labels.notes.wrong(
    label,
    `expected a port from 1 to 65535; ${defined} of the definition is used`,
  );
  return defined;
}

export interface PlaceWish {
  /** `*` = all. */
  readonly bindAddress: string;
  /** False: nothing listens there. */
  readonly listens: boolean;
}

/**
 * What a template says comes first. Whoever names an address wants the port to be there only: one that
 * cannot be read does not open it everywhere.
 */
export function readBindAddress(
  labels: PortLabels,
  { bindAddress, bindsServicePort }: Pick<Directives, 'bindAddress' | 'bindsServicePort'>,
): PlaceWish {
  const label = labels.haproxy('BIND_ADDR');
  const own = labels.text(label) ?? '*';
  const [text, where] =
    bindAddress === '' ? [own, label] : [bindAddress, labels.haproxy('FRONTEND_HEAD')];
  const address = readAddress(text);
  if (address === null) {
    const message = 'expected an IP address or *; nothing listens on the port';
    labels.notes.wrong(where, message, { piece: text });
  }
  return { bindAddress: address ?? '*', listens: bindsServicePort && address !== null };
}

/** As HAProxy takes it, but for names other than that of this machine; null = it is none. */
function readAddress(text: string): string | null {
  const value = text.trim().toLowerCase();
  if (value === '*' || value === '') return '*';
  if (value === 'localhost') return '127.0.0.1';
  const address = value.replace(/^ipv[46]@/, '').replace(/^\[(.+)\]$/, '$1');
  return isIP(address) === 0 ? null : address;
}

/** `words` come from templates, in front of the label's own. */
export function readBindLabels(labels: PortLabels, words: string): Omit<BindWish, 'refused'> {
  const certificate = labels.text(labels.haproxy('SSL_CERT')) ?? '';
  const options = labels.text(labels.haproxy('BIND_OPTIONS')) ?? '';
  const { refused, ...wish } = readBind(certificate, `${words} ${options}`);
  for (const one of refused) {
    const about = one.value === '' ? {} : { piece: one.value };
    const label = labels.haproxy(one.label);
    if (one.verdict === 'ignored') labels.notes.ignored(label, one.message, about);
    else labels.notes.wrong(label, one.message, about);
  }
  return wish;
}

/** `checkPortIndex`: what `readCheckPortIndex` says. */
export function readMode(labels: PortLabels, checkPortIndex: number | null): Mode {
  const label = labels.haproxy('MODE');
  const asked = labels.text(label);
  const mode = asked?.trim().toLowerCase();
  if (asked !== undefined && mode !== 'http' && mode !== 'tcp') {
    labels.notes.wrong(
      label,
      'expected http or tcp; the mode is taken from health check and VHOST',
    );
  }
  const protocol = checkedBy(labels, labels.portIndex);
  const other = checkPortIndex === null ? null : checkedBy(labels, checkPortIndex);
  if (protocol === null && HTTP_PROTOCOLS.has(other ?? '')) {
    if (mode === 'tcp') labels.notes.translated(label, FORCED);
    return 'http';
  }
  if (mode === 'http' || mode === 'tcp') return mode;
  if (protocol === 'HTTP') return 'http';
  return labels.app.labels[labels.haproxy('VHOST')] ? 'http' : 'tcp';
}

const FORCED =
  'http all the same, as in Marathon-LB: BACKEND_HEALTHCHECK_PORT_INDEX leads to an HTTP check';

/** Where BACKEND_HEALTHCHECK_PORT_INDEX leads, null = nowhere; negative counts from the end. */
export function readCheckPortIndex(labels: PortLabels): number | null {
  const ports = labels.app.servicePorts.length;
  const label = labels.haproxy('BACKEND_HEALTHCHECK_PORT_INDEX');
  const value = labels.text(label)?.trim();
  if (value === undefined) return null;
  const index = /^-?\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  if (!(index >= -ports && index < ports)) {
    const message = `expected a port index from ${-ports} to ${ports - 1}; it is ignored`;
    labels.notes.wrong(label, message);
    return null;
  }
  return index < 0 ? ports + index : index;
}

/** Protocol of a port's health check. */
function checkedBy(labels: PortLabels, portIndex: number): string | null {
  return chosenCheck(labels.app.healthChecks, portIndex)?.protocol ?? null;
}
