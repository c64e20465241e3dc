// The value of a VHOST label → host names. A name that no request can carry is told with the one it
// probably means: a host with a scheme before it is the classic, and matched nothing in silence.

import { isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';

/** RFC 1123 labels, and the underscore that real clusters use. */
const HOST =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

export interface VirtualHosts {
  /** Lower-cased, each once, in the order of the label. */
  readonly hosts: readonly string[];
  /** Pieces that are no host names. `meant` is empty when nothing can be guessed. */
  readonly refused: readonly { readonly value: string; readonly meant: string }[];
}

export function readVirtualHosts(label: string): VirtualHosts {
  const hosts = new Set<string>();
  const refused: { value: string; meant: string }[] = [];
  for (const piece of label.split(',')) {
    const host = piece.toLowerCase();
    if (isHost(host)) hosts.add(host);
    else refused.push({ value: piece, meant: meantBy(host) });
  }
  return { hosts: [...hosts], refused };
}

function isHost(text: string): boolean {
  return HOST.test(text) || (/^\[.+\]$/.test(text) && isIPv6(text.slice(1, -1)));
}

/** Without scheme, user, path, port, spaces and trailing dots, if that leaves a host. */
function meantBy(text: string): string {
  const bare = text
    .trim()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//, '')
    .replace(/[/?#].*$/s, '')
    .replace(/^.*@/, '')
    .replace(/:\d*$/, '')
    .replace(/\.+$/, '')
    .trim();
  const host = domainToASCII(bare);
  return isHost(host) ? host : '';
}
