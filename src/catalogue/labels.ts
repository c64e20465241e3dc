// What an app's labels ask for on each of its service ports. A bad value costs that label only, and is
// told with the value and what was expected. Pure.

import { isIP } from 'node:net';
import type { MarathonApp } from '../marathon/app.ts';
import { type BalanceSpec, needsRequest, ROUND_ROBIN, readBalance } from './balance.ts';
import { readBind } from './bind-options.ts';
import type { LabelOptions } from './catalogue-options.ts';
import { chosenCheck } from './checks.ts';
import type { Mode, TlsSpec } from './claim.ts';
import { kindOfLabel } from './known-labels.ts';
import { NO_POLICY, PLAIN_ROUTE, type PolicySpec, type RouteSpec } from './policy.ts';
import type { Problem } from './problem.ts';
import { readVirtualHosts } from './virtual-hosts.ts';

const TRUE = /^(?:true|t|yes|y)$/i;
const FALSE = /^(?:false|f|no|n)$/i;
const HTTP_PROTOCOLS: ReadonlySet<string> = new Set(['HTTP', 'HTTPS', 'MESOS_HTTP', 'MESOS_HTTPS']);
const MAX_VALUE_LENGTH = 200;

/** What is asked for on one service port. */
export interface PortWish {
  readonly portIndex: number;
  readonly servicePort: number;
  readonly bindAddress: string;
  readonly mode: Mode;
  readonly tls: TlsSpec | null;
  readonly acceptProxy: boolean;
  readonly balance: BalanceSpec;
  readonly sticky: boolean;
  readonly routes: readonly RouteSpec[];
  readonly policy: PolicySpec;
  /** Service port whose check and task port are probed in its place; null = its own. */
  readonly checkPortIndex: number | null;
}

export class LabelReader {
  readonly problems: Problem[] = [];
  readonly #app: MarathonApp;
  readonly #options: LabelOptions;

  constructor(app: MarathonApp, options: LabelOptions) {
    this.#app = app;
    this.#options = options;
  }

  /** Port indexes that `groups` may see and that are enabled. */
  visiblePorts(groups: readonly string[]): readonly number[] {
    const indexes = [...this.#app.servicePorts.keys()];
    return indexes.filter((index) => this.#isVisible(index, groups) && this.#isEnabled(index));
  }

  /** Reads one port's labels; null when it has no service port. */
  readPort(portIndex: number): PortWish | null {
    const servicePort = this.#servicePort(portIndex);
    if (servicePort === 0) {
      this.#refuse(
        `HAPROXY_${portIndex}_PORT`,
        'expected a service port from 1 to 65535, by this label or from Marathon; the port is not served',
      );
      return null;
    }
    const checkPortIndex = this.#checkPortIndex(portIndex);
    const mode = this.#mode(portIndex, checkPortIndex);
    return {
      portIndex,
      servicePort,
      checkPortIndex,
      bindAddress: this.#bindAddress(portIndex),
      mode,
      ...this.#bind(portIndex),
      balance: this.#balance(portIndex, mode),
      sticky: this.#isSticky(portIndex, mode),
      routes: this.#routes(portIndex),
      policy: NO_POLICY,
    };
  }

  /** Reports labels that nothing is made of; those of ports that are not shown here are not ours. */
  reportUnused(visible: readonly number[]): void {
    const ports = this.#app.servicePorts.length;
    for (const [label, value] of Object.entries(this.#app.labels)) {
      const is = kindOfLabel(label, value);
      if (is.kind === 'unknown') {
        const hint = is.nearest === '' ? '' : `, perhaps ${is.nearest}`;
        this.#refuse(label, `expected a label that Marathon-LB knows${hint}; it is ignored`);
      } else if (is.kind !== 'quiet' && is.portIndex >= ports) {
        const message = `expected a port index below ${ports}, as the app has so many service ports; it is ignored`;
        this.#refuse(label, message);
      } else if (is.kind === 'later' && visible.includes(is.portIndex)) {
        this.#refuse(label, 'honoured from a later version of Teal: ignored now');
      }
    }
  }

  #isVisible(portIndex: number, groups: readonly string[]): boolean {
    if (groups.includes('*')) return true;
    const own = `HAPROXY_${portIndex}_GROUP`;
    const label = this.#app.labels[own] === undefined ? 'HAPROXY_GROUP' : own;
    const names = (this.#app.labels[label] ?? '').split(',');
    if (names.some((name) => groups.includes(name))) return true;
    const near = names.find((name) => groups.includes(name.trim()));
    if (near !== undefined) {
      this.#refuse(
        label,
        `expected group names without spaces, '${near.trim()}' for '${near}'; the app is not shown here`,
      );
    }
    return false;
  }

  #isEnabled(portIndex: number): boolean {
    const label = `HAPROXY_${portIndex}_ENABLED`;
    const value = this.#app.labels[label];
    if (value === undefined) return !this.#options.strictMode;
    if (TRUE.test(value)) return true;
    if (!FALSE.test(value)) {
      this.#refuse(
        label,
        'expected true or false; anything else counts as false, as in Marathon-LB',
      );
    }
    return false;
  }

  #servicePort(portIndex: number): number {
    const defined = this.#app.servicePorts[portIndex] ?? 0;
    const label = `HAPROXY_${portIndex}_PORT`;
    const value = this.#app.labels[label]?.trim();
    if (value === undefined) return defined;
    const port = /^\d{1,5}$/.test(value) ? Number(value) : 0;
    if (port >= 1 && port <= 65_535) return port;
    this.#refuse(label, `expected a port from 1 to 65535; ${defined} of the definition is used`);
    return defined;
  }

  #bindAddress(portIndex: number): string {
    const label = `HAPROXY_${portIndex}_BIND_ADDR`;
    const value = this.#app.labels[label]?.trim() ?? '*';
    if (value === '*' || isIP(value) !== 0) return value;
    this.#refuse(label, 'expected an IP address or *; all addresses are used');
    return '*';
  }

  #mode(portIndex: number, checkPortIndex: number | null): Mode {
    const label = `HAPROXY_${portIndex}_MODE`;
    const asked = this.#app.labels[label];
    const mode = asked?.trim().toLowerCase();
    if (asked !== undefined && mode !== 'http' && mode !== 'tcp') {
      this.#refuse(label, 'expected http or tcp; the mode is taken from health check and VHOST');
    }
    const protocol = this.#checkedBy(portIndex);
    const other = checkPortIndex === null ? null : this.#checkedBy(checkPortIndex);
    if (protocol === null && HTTP_PROTOCOLS.has(other ?? '')) return 'http';
    if (mode === 'http' || mode === 'tcp') return mode;
    if (protocol === 'HTTP') return 'http';
    return this.#app.labels[`HAPROXY_${portIndex}_VHOST`] ? 'http' : 'tcp';
  }

  /** Protocol of the port's health check. */
  #checkedBy(portIndex: number): string | null {
    return chosenCheck(this.#app.healthChecks, portIndex)?.protocol ?? null;
  }

  /** Where BACKEND_HEALTHCHECK_PORT_INDEX leads; negative counts from the end. */
  #checkPortIndex(portIndex: number): number | null {
    const label = `HAPROXY_${portIndex}_BACKEND_HEALTHCHECK_PORT_INDEX`;
    const value = this.#app.labels[label]?.trim();
    if (value === undefined) return null;
    const ports = this.#app.servicePorts.length;
    const index = /^-?\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
    if (!(index >= -ports && index < ports)) {
      this.#refuse(label, `expected a port index from ${-ports} to ${ports - 1}; it is ignored`);
      return null;
    }
    return index < 0 ? ports + index : index;
  }

  #balance(portIndex: number, mode: Mode): BalanceSpec {
    const label = `HAPROXY_${portIndex}_BALANCE`;
    const value = this.#app.labels[label];
    if (value === undefined) return ROUND_ROBIN;
    const balance = readBalance(value);
    if (balance === null) {
      this.#refuse(
        label,
        'expected roundrobin, static-rr, leastconn, first, source, random, uri [whole] [len n] [depth n] [path-only], url_param NAME or hdr(NAME); roundrobin is used',
      );
      return ROUND_ROBIN;
    }
    if (mode === 'http' || !needsRequest(balance)) return balance;
    this.#refuse(label, 'expected mode http, a tcp service has no requests; roundrobin is used');
    return ROUND_ROBIN;
  }

  #isSticky(portIndex: number, mode: Mode): boolean {
    const label = `HAPROXY_${portIndex}_STICKY`;
    const value = this.#app.labels[label];
    if (value === undefined || FALSE.test(value)) return false;
    if (!TRUE.test(value)) {
      this.#refuse(
        label,
        'expected true or false; anything else counts as false, as in Marathon-LB',
      );
      return false;
    }
    if (mode === 'tcp') {
      this.#refuse(label, 'expected mode http, a tcp service has no cookies; it is ignored');
    }
    return mode === 'http';
  }

  #bind(portIndex: number): Pick<PortWish, 'tls' | 'acceptProxy'> {
    const label = (name: string): string => `HAPROXY_${portIndex}_${name}`;
    const { tls, acceptProxy, refused } = readBind(
      this.#app.labels[label('SSL_CERT')] ?? '',
      this.#app.labels[label('BIND_OPTIONS')] ?? '',
    );
    for (const one of refused) {
      this.#refuse(label(one.label), one.message, one.value === '' ? undefined : one.value);
    }
    return { tls, acceptProxy };
  }

  #routes(portIndex: number): readonly RouteSpec[] {
    const hosts = this.#vhosts(portIndex);
    return hosts.length === 0 ? [] : [{ ...PLAIN_ROUTE, hosts }];
  }

  #vhosts(portIndex: number): readonly string[] {
    const label = `HAPROXY_${portIndex}_VHOST`;
    const value = this.#app.labels[label];
    if (value === undefined) return [];
    const { hosts, refused } = readVirtualHosts(value);
    for (const one of refused) {
      const meant = one.meant === '' ? '' : `, probably '${one.meant}'`;
      this.#refuse(label, `expected a bare host name${meant}; this one is left out`, one.value);
    }
    return hosts;
  }

  #refuse(label: string, message: string, piece?: string): void {
    const value = (piece ?? this.#app.labels[label] ?? '').slice(0, MAX_VALUE_LENGTH);
    const where = label.slice(0, MAX_VALUE_LENGTH);
    this.problems.push({ app: this.#app.id, where, value, message });
  }
}
