// The fields that Teal sets by itself, as `BACKEND_HTTP_OPTIONS` does by default: X-Forwarded-Proto and
// X-Forwarded-Port.

import type { HeaderEdit, RequestAction } from '../policy.ts';

const NAME = /^x-forwarded-(?:proto|port)$/i;
const PORT = /^http-request set-header X-Forwarded-Port %\[dst_port\]$/i;
const PROTO =
  /^(?:http-request (?:set|add)-header X-Forwarded-Proto|reqadd X-Forwarded-Proto:) https if \{ ssl_fc \}$/i;

/** True for a directive that says what is done anyway. */
export function isOwnField(words: readonly string[]): boolean {
  const text = words.join(' ');
  return PORT.test(text) || PROTO.test(text);
}

export function touchesOwnField(action: RequestAction): boolean {
  return 'name' in action && NAME.test(action.name);
}

/** A second field beside Teal's own would say both. */
export function instead(edit: HeaderEdit): HeaderEdit {
  return edit.do === 'add-header' && NAME.test(edit.name) ? { ...edit, do: 'set-header' } : edit;
}
