// What balancers say of themselves → lines for a terminal. Pure.

import type { ServiceFacts } from '../../admin/api/service-facts.ts';
import type { StatusFacts } from '../../admin/api/status-facts.ts';
import { type Orders, ordersOf } from '../../colour/orders.ts';
import type { Explanation } from '../../plan/explanation.ts';
import type { CutOver, LeaseView, RatesRecord } from '../../stats/view.ts';
import type { Paint } from './terminal.ts';

/** What somebody ordered of a balancer and holds now. */
export interface Ordered {
  readonly orders: Orders;
  readonly leases: readonly LeaseView[];
}

/** One balancer: its state, and its services with their colours. */
export function statusLines(
  instance: string,
  status: StatusFacts,
  services: readonly ServiceFacts[],
  ordered: Ordered,
  paint: Paint,
): string[] {
  const { node, epoch, workers, ready, notReady, knowledgeAgeMs, problems, nowMs } = status;
  const age =
    knowledgeAgeMs === null ? 'knows nothing yet' : `knows of ${seconds(knowledgeAgeMs)} ago`;
  const state = ready ? paint('ready', 'green') : paint(`not ready: ${notReady}`, 'red');
  const trouble = problems === 0 ? [] : [paint(amount(problems, 'problem'), 'yellow')];
  const facts = [node, state, `epoch ${epoch}`, amount(workers.length, 'worker'), age, ...trouble];
  return [
    `${paint(instance, 'bold')}  ${facts.join(' · ')}`,
    ...freezeLines(ordered, nowMs, paint),
    ...services.flatMap((service) => serviceLines(service, ordered, nowMs, paint)),
  ];
}

function freezeLines({ orders: { freeze } }: Ordered, nowMs: number, paint: Paint): string[] {
  if (freeze === null || freeze.untilMs <= nowMs) return [];
  return [
    `  ${paint('frozen', 'yellow')} by ${signed(freeze)}, ${left(freeze.untilMs, nowMs)} more`,
  ];
}

/** Leases, and servers that are not as Marathon would have them. */
function orderLines({ key }: ServiceFacts, { orders, leases }: Ordered, nowMs: number): string[] {
  const servers = Object.entries(ordersOf(orders, key).servers);
  return [
    ...leases
      .filter(({ service }) => service === key)
      .map((lease) => `    leased to ${signed(lease)}, ${left(lease.untilMs, nowMs)} more`),
    ...servers.map(([name, state]) => `    ordered ${name} ${state}`),
  ];
}

function signed({ by, why }: { readonly by: string; readonly why: string }): string {
  return why === '' ? by : `${by} (${why})`;
}

function left(untilMs: number, nowMs: number): string {
  return seconds(Math.max(0, untilMs - nowMs));
}

function serviceLines(
  service: ServiceFacts,
  ordered: Ordered,
  nowMs: number,
  paint: Paint,
): string[] {
  const { key, live, liveSinceMs, why, colours } = service;
  const since = live === null ? '' : ` for ${seconds(nowMs - liveSinceMs)}`;
  const width = Math.max(...colours.map(({ appId }) => appId.length));
  return [
    `  ${paint(key, 'bold')}  ${live ?? paint('nothing', 'red')} is live${since}: ${why}`,
    ...orderLines(service, ordered, nowMs),
    ...colours.map((colour) => {
      const { appId, usable, instances, percentOrdered, perSecond, errorsPerSecond } = colour;
      const id = appId.padEnd(width);
      const facts = [
        `${usable} of ${instances} usable`,
        `${percentOrdered} %`,
        `${perSecond.toFixed(1)}/s`,
        ...(errorsPerSecond > 0 ? [paint(`${errorsPerSecond.toFixed(1)} errors/s`, 'red')] : []),
        `${colour.inFlight} in flight`,
        ...drainOf(colour, nowMs),
      ];
      const name = percentOrdered > 0 ? paint(`● ${id}`, 'green') : `  ${id}`;
      return `    ${name}  ${facts.join(' · ')}`;
    }),
  ];
}

function drainOf({ draining }: ServiceFacts['colours'][number], nowMs: number): string[] {
  if (draining === null || draining.inFlight === 0) return [];
  return [`drains, at most ${left(draining.deadlineMs, nowMs)}`];
}

/** Newest first. */
export function historyLines(
  instance: string,
  history: readonly CutOver[],
  paint: Paint,
): string[] {
  return [
    paint(instance, 'bold'),
    ...history.map((one) => {
      const at = new Date(one.atMs).toISOString().replace(/\.\d+Z$/, 'Z');
      const what = one.from === one.to ? '' : `${one.from ?? 'nothing'} → ${one.to ?? 'nothing'}  `;
      const who = one.order === '' ? 'Teal' : `${one.order} by ${one.by || 'Teal'}`;
      const how = `epoch ${one.epoch}, ${amount(one.workers, 'worker')}, ${one.tookMs.toFixed(1)} ms`;
      const drain =
        one.drain === null ? '' : `; ${one.drain.inFlight} in flight, ${one.drain.cut} cut`;
      const why = one.why === '' ? '' : `: ${one.why}`;
      const rates = one.rates === undefined ? '' : ratesOf(one.rates);
      const bake = one.bake === null ? '' : `; ${one.bake.state}: ${one.bake.why}`;
      return `  ${at}  ${one.service || 'all services'}  ${what}${who}${why}  ${paint(how + drain + rates + bake, 'faint')}`;
    }),
  ];
}

/** Nothing where nobody asked. */
function ratesOf({ requestsBefore, errorPercentBefore, requests, errorPercent }: RatesRecord) {
  const share = (percent: number | null, of: number) =>
    percent === null ? 'no requests' : `${percent.toFixed(1)} % of ${of} failed`;
  if (requestsBefore + requests === 0) return '';
  return `; before ${share(errorPercentBefore, requestsBefore)}, since ${share(errorPercent, requests)}`;
}

export function explainLines(instance: string, said: Explanation, paint: Paint): string[] {
  const { answer, notes, listener, route, passedOver, service, colours, servers } = said;
  return [
    `${paint(answer, 'bold')}  ${paint(instance, 'faint')}`,
    ...notes.map((note) => `  note      ${note}`),
    ...(listener === null ? [] : [`  listener  ${listener.key} (${listener.kind})`]),
    ...(route === null
      ? []
      : [`  route     ${route.hosts.join(', ') || '*'} ${route.paths.join(', ')}`]),
    ...passedOver.map(
      (one) => `  passed    ${one.hosts.join(', ') || '*'} ${one.paths.join(', ')}: ${one.why}`,
    ),
    ...(service === null ? [] : [`  service   ${service.key}: ${service.why}`]),
    ...colours.map((one) => `  colour    ${mark(one.chosen)} ${one.appId}: ${one.why}`),
    ...servers.map(
      (one) => `  server    ${mark(one.candidate)} ${one.name} ${one.address}: ${one.why}`,
    ),
  ];
}

function mark(isChosen: boolean): string {
  return isChosen ? '✓' : '✗';
}

function amount(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** In the largest unit that leaves two digits or so. */
function seconds(ms: number): string {
  const units: readonly [number, string][] = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
  ];
  const [size, unit] = units.find(([least]) => ms >= 2 * least) ?? [1_000, 's'];
  return `${Math.round(ms / size)} ${unit}`;
}
