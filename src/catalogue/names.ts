// Names and numbers as Marathon-LB gives them: scripts, dashboards and zdd match on them. Pure.

import { hash } from 'node:crypto';

/** pxname: `/zdd/blue` on 10080 is `zdd_blue_10080`. */
export function poolName(appId: string, servicePort: number): string {
  return `${appId.slice(1).replaceAll('/', '_')}_${servicePort}`;
}

/** svname: `10_0_6_25_23336`; with the address when the host is a name. */
export function serverName(host: string, address: string | null, port: number): string {
  const named = address === null || address === host ? host : `${host}_${address}`;
  return `${named}_${port}`.replaceAll(/[^a-zA-Z0-9-]/g, '_');
}

/** HAProxy's ids are small positive integers. */
const ID_MODULUS = 32_767;

/**
 * Server id: a hash of the name, so that it is the same on every instance and after every change. On
 * a clash the name is lengthened by its own hash. Adds what it returns to `taken`.
 */
export function numericId(name: string, taken: Set<number>): number {
  let text = name;
  for (;;) {
    const digest = hash('sha256', text);
    const id = remainder(digest);
    if (id !== 0 && !taken.has(id)) {
      taken.add(id);
      return id;
    }
    text = `${text} ${digest}`;
  }
}

/** A hexadecimal number modulo ID_MODULUS, four digits at a time. */
function remainder(hex: string): number {
  let rest = 0;
  for (let at = 0; at < hex.length; at += 4) {
    rest = (rest * 65_536 + Number.parseInt(hex.slice(at, at + 4), 16)) % ID_MODULUS;
  }
  return rest;
}
