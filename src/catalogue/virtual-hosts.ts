// The value of a VHOST label → host names. A name that no request can carry is told with the one it
// probably means: a host with a scheme before it is the classic, and matched nothing in silence.

import { isIP } from 'node:net';

/** RFC 1123 labels, and the underscore that real clusters use. */
const HOST =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;
/** Of a longer piece it is no use to say what it probably means. */
const MAX_GUESS_LENGTH = 500;

export interface VirtualHosts {
  /** Lower-cased, each once, in the order of the label; `*.example.com` = every name below it. */
  readonly hosts: readonly string[];
  /** Pieces that are no host names. `meant` is empty when nothing can be guessed. */
  readonly refused: readonly { readonly value: string; readonly meant: string }[];
  /** The label as it should be; empty if nothing is left of it. */
  readonly mended: string;
}

export function readVirtualHosts(label: string): VirtualHosts {
  const hosts = new Set<string>();
  const mended = new Set<string>();
  const refused: { value: string; meant: string }[] = [];
  for (const piece of label.split(',')) {
    const host = piece.toLowerCase();
    if (isHost(host)) {
      hosts.add(host);
      mended.add(host);
      continue;
    }
    const meant = piece.length > MAX_GUESS_LENGTH ? '' : meantBy(host);
    refused.push({ value: piece, meant });
    if (meant !== '') mended.add(meant);
  }
  return { hosts: [...hosts], refused, mended: [...mended].join(',') };
}

/** True for `*.example.com`. */
export function isWildcard(host: string): boolean {
  return host.startsWith('*.');
}

function isHost(text: string): boolean {
  if (isWildcard(text)) return text.length <= 253 && HOST.test(text.slice(2));
  return HOST.test(text) || (/^\[.+\]$/.test(text) && isIP(text.slice(1, -1)) === 6);
}

/** Without scheme, user, path, port, spaces and trailing dots, if that leaves a host. */
function meantBy(text: string): string {
  const bare = text
    .trim()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//, '')
    .replace(/[/?#].*$/s, '')
    .replace(/^.*@/s, '')
    .replace(/:\d*$/, '')
    .replace(/\.+$/, '')
    .trim();
  if (isHost(bare)) return bare;
  if (isHost(`*${bare}`)) return `*${bare}`;
  // A name in another script has its ASCII form in requests.
  const url = `http://${bare}`;
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  return isHost(host) ? host : '';
}
