// How a server is told of the client by `option forwardfor`: its address behind what the client itself
// has sent in that field, as one list, whatever lines it came in (RFC 9110 §5.3).

import type { PolicySpec } from '../../plan/plan.ts';
import type { HeadText } from './head-text.ts';
import { nameFault } from './header-edit.ts';
import { Networks } from './networks.ts';

/** Writes the client's address into a request's head, if it is to be there. */
export type Introduce = (address: string, head: HeadText) => void;

type Spec = NonNullable<PolicySpec['forwardedFor']>;

const USUAL: Spec = { header: 'X-Forwarded-For', except: [], ifNone: false };

/** `faults` takes a clause if it is not done as it is written: it is done as usual then. */
export function makeIntroduction(wanted: Spec | null, faults: string[]): Introduce {
  const fault = wanted === null ? '' : nameFault(wanted.header);
  if (fault !== '') faults.push(`option forwardfor: ${fault}`);
  const { header, except, ifNone } = wanted === null || fault !== '' ? USUAL : wanted;
  const name = header.toLowerCase();
  const untold = except.length === 0 ? null : new Networks(except);
  return (address, head) => {
    const received = head.values(name);
    if (untold?.has(address) || (ifNone && received.length > 0)) return;
    head.remove(name);
    head.add(header, [...received.filter(Boolean), address].join(', '));
  };
}
