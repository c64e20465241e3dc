// Which protocols an Upgrade field may ask for. HTTP/2 in the clear never passes: behind it a client
// would speak to the server past every rule of ours.

import { trimmed } from './connection-options.ts';
import { isTokenCode } from './fields.ts';

/**
 * The members of an Upgrade field that may be asked for, in their spelling and order; empty when
 * there are none, or when one is malformed (the request is then served plainly).
 */
export function permittedProtocols(value: string): string {
  let permitted = '';
  for (const part of value.split(',')) {
    const protocol = trimmed(part);
    if (protocol === '') continue;
    if (!isProtocol(protocol)) return '';
    if (isHttp2(protocol)) continue;
    permitted = permitted === '' ? protocol : `${permitted}, ${protocol}`;
  }
  return permitted;
}

/** RFC 9110 §7.8: `token [ "/" token ]`. */
function isProtocol(text: string): boolean {
  const slash = text.indexOf('/');
  if (slash === -1) return isToken(text);
  return isToken(text.slice(0, slash)) && isToken(text.slice(slash + 1));
}

function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    if (!isTokenCode(text.charCodeAt(i))) return false;
  }
  return text !== '';
}

function isHttp2(protocol: string): boolean {
  return /^(?:h2|h3|http(?:\/|$))/i.test(protocol);
}
