// AUTH and TEAL_{n}_AUTH_SCOPE: who is asked for a password, and where. Whatever is wrong with them must
// not open the door: then the prompt stays, and nobody gets in. Pure.

import type { Mode } from './claim.ts';
import { readAuth } from './credentials.ts';
import type { AuthSpec } from './policy.ts';
import type { PortLabels } from './port-labels.ts';

export interface AuthWish {
  /** Null = nobody is asked. */
  readonly auth: AuthSpec | null;
  /** `all`: on every way in, not only on the routes of VHOST and PATH. */
  readonly scope: 'vhost' | 'all';
}

export function readAuthLabels(labels: PortLabels, mode: Mode): AuthWish {
  const label = labels.haproxy('AUTH');
  const value = labels.text(label);
  if (value === undefined) {
    if (labels.text(labels.teal('AUTH_SCOPE')) !== undefined) {
      labels.notes.ignored(labels.teal('AUTH_SCOPE'), `expected ${label} too; nobody is asked`);
    }
    return { auth: null, scope: 'vhost' };
  }
  const { auth, wrong } = readAuth(value);
  if (wrong !== '') labels.notes.wrong(label, `expected ${wrong}; nobody gets in`);
  const scope = readScope(labels);
  tellOfWays(labels, mode, scope);
  return { auth, scope };
}

/** What cannot be read is taken for the stricter one. */
function readScope(labels: PortLabels): AuthWish['scope'] {
  const label = labels.teal('AUTH_SCOPE');
  const value = labels.text(label)?.trim().toLowerCase() ?? 'vhost';
  if (value === 'vhost') return 'vhost';
  if (value !== 'all') labels.notes.wrong(label, 'expected vhost or all; all is used');
  return 'all';
}

/** As in Marathon-LB the service port and 9091 are open to everybody: no owner should be surprised. */
function tellOfWays(labels: PortLabels, mode: Mode, scope: AuthWish['scope']): void {
  const label = labels.haproxy('AUTH');
  const all = `${labels.teal('AUTH_SCOPE')}=all`;
  const asked = ['VHOST', 'PATH'].some((name) => labels.app.labels[labels.haproxy(name)]);
  if (mode === 'tcp') {
    const effect = scope === 'all' ? 'nobody gets in' : 'nobody is asked, access is NOT restricted';
    labels.notes.wrong(label, `expected mode http, a tcp service cannot ask; ${effect}`);
  } else if (scope === 'vhost' && asked) {
    const note = `on the http and https ports only: service port and app id port ask nobody; ${all} closes every way`;
    labels.notes.honoured(label, note);
  } else if (scope === 'vhost') {
    const message = `expected ${labels.haproxy('VHOST')} or ${all}; nobody is asked, access is NOT restricted`;
    labels.notes.ignored(label, message, { suggestion: all });
  }
}
