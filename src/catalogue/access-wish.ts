// Which requests of a service the access log has a line for: TEAL_{n}_ACCESS_LOG, else `option httplog`
// of FRONTEND_HEAD, and what the balancer's flag says where there is neither. Pure.

import type { Directives } from './directives/directives.ts';
import type { PortLabels } from './port-labels.ts';

export interface AccessWish {
  /**
   * `errors`: those that failed, were refused or tried again, and answers of 500 and above (HAProxy's
   * `dontlog-normal`).
   */
  readonly which: 'none' | 'errors' | 'all';
  /** Part of them that is written, above 0 up to 1. */
  readonly share: number;
}

export const NO_ACCESS_LOG: AccessWish = Object.freeze({ which: 'none', share: 1 });
/** What `accessWishOf` reads. */
export const ACCESS_WISHES = 'on, off, errors or sample:0.01 (a part of them, above 0 up to 1)';

/** Null = it is none. */
export function accessWishOf(text: string): AccessWish | null {
  const [, sample] = /^sample:(1(?:\.0*)?|0?\.\d{1,9})$/.exec(text) ?? [];
  if (sample !== undefined) {
    const share = Number(sample);
    return share > 0 ? { which: 'all', share } : null;
  }
  switch (text) {
    case 'on':
      return { which: 'all', share: 1 };
    case 'errors':
      return { which: 'errors', share: 1 };
    case 'off':
      return NO_ACCESS_LOG;
    default:
      return null;
  }
}

/** Nothing where neither label nor template says it so that it can be read. */
export function readAccessLog(
  labels: PortLabels,
  { logged }: Pick<Directives, 'logged'>,
): { readonly accessLog?: AccessWish } {
  const asked = logged === null ? {} : { accessLog: { which: logged, share: 1 } };
  const label = labels.teal('ACCESS_LOG');
  const text = labels.text(label)?.trim().toLowerCase();
  if (text === undefined) return asked;
  const accessLog = accessWishOf(text);
  if (accessLog !== null) return { accessLog };
  labels.notes.wrong(label, `expected ${ACCESS_WISHES}; it is logged as without it`);
  return asked;
}
