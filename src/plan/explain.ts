// Explains what becomes of a request by the plan in force. How a way is found is the data plane's own
// business and comes in as a parameter, so that this never says something else than what happens. Pure.

import { isIP } from 'node:net';
import type {
  ExplainedServer,
  Explanation,
  FoundWay,
  PassedRoute,
  Question,
  RouteFacts,
  WayFinder,
} from './explanation.ts';
import type { ColourSpec, ListenerSpec, Plan, ServiceSpec } from './plan.ts';

const MAX_PASSED_OVER = 50;
const MAX_NAMED = 12;

const NOTHING: Explanation = Object.freeze({
  answer: '',
  notes: [],
  listener: null,
  name: '',
  route: null,
  passedOver: [],
  service: null,
  colours: [],
  servers: [],
});

export function explain(plan: Plan, question: Question, ways: WayFinder): Explanation {
  const listener = listenerFor(plan, question);
  if (listener === undefined) return { ...NOTHING, answer: nobodyListens(plan, question) };
  const { key, kind, mode } = listener;
  const encrypted = listener.tls !== null || kind === 'https';
  const known = { ...NOTHING, listener: { key, kind, mode, encrypted } };
  if (encrypted !== question.isEncrypted) {
    const spoken = encrypted ? 'https' : 'http';
    return { ...known, answer: `refused: ${key} speaks ${spoken} only` };
  }
  const routed = kind === 'http' || kind === 'https';
  const name = routed ? nameOf(question, encrypted) : '';
  const appId = question.headers.get('x-marathon-app-id') ?? '';
  const way = ways.find(key, name, appId, question.target);
  const near = routed ? ways.near(name, question.target) : [];
  const found = { ...known, name, route: way?.route ?? null, passedOver: passedOver(near, way) };
  const service = plan.services.find((one) => one.key === way?.service);
  if (way === null || service === undefined) {
    return { ...found, answer: `503: ${whyNoWay(listener, name, appId)}` };
  }
  return { ...found, ...throughService(service, way, question) };
}

function listenerFor({ listeners }: Plan, { port, host }: Question): ListenerSpec | undefined {
  const there = listeners.filter((one) => one.port === port);
  return (
    there.find(({ address }) => address === host) ??
    there.find(({ address }) => address === '*') ??
    there[0]
  );
}

function nobodyListens({ listeners }: Plan, { port }: Question): string {
  const keys = listeners.slice(0, MAX_NAMED).map(({ key }) => key);
  const more = listeners.length > MAX_NAMED ? `, … (${listeners.length})` : '';
  return `refused: nothing listens on port ${port}; there are ${keys.join(', ') || 'no listeners'}${more}`;
}

/** The name of the TLS handshake, where there is one, goes before the Host field. */
function nameOf({ host, headers }: Question, encrypted: boolean): string {
  if (encrypted && isIP(host) === 0) return host;
  return (headers.get('host') ?? host).toLowerCase().replace(/:\d*$/, '');
}

function whyNoWay({ key, kind, serviceKey }: ListenerSpec, name: string, appId: string): string {
  if (kind === 'service') return `no service ${serviceKey ?? key} is in force`;
  if (kind !== 'appid') return `no route of ${key} is for this host ('${name}') and path`;
  if (appId === '') return `${key} wants a header X-Marathon-App-Id`;
  return `no service is for the app id '${appId}'`;
}

function passedOver(near: ReturnType<WayFinder['near']>, way: FoundWay | null): PassedRoute[] {
  const taken = way?.route ?? null;
  return near
    .filter(({ route }) => taken === null || !isSame(route, taken))
    .slice(0, MAX_PASSED_OVER)
    .map(({ route, fits }) => ({ ...route, why: whyPassed(route, fits, taken) }));
}

function isSame(a: RouteFacts, b: RouteFacts): boolean {
  return a.service === b.service && a.hosts === b.hosts && a.paths === b.paths;
}

function whyPassed({ paths, weight }: RouteFacts, fits: boolean, taken: RouteFacts | null): string {
  if (!fits) return `the path begins with none of ${paths.join(', ')}`;
  if (taken === null || taken.weight !== weight) {
    return `its weight ${weight} is below ${taken?.weight ?? weight}`;
  }
  return 'of the same weight: the nearer host goes first, then the lower app id and service port';
}

type Through = Pick<Explanation, 'answer' | 'notes' | 'service' | 'colours' | 'servers'>;

function throughService(service: ServiceSpec, way: FoundWay, question: Question): Through {
  const { key, live, rule, why } = service;
  const colours = service.colours.map((colour) => ({
    appId: colour.appId,
    ...standingOf(service, colour),
  }));
  const chosen = service.colours.filter(({ appId }) =>
    colours.some((one) => one.chosen && one.appId === appId),
  );
  const servers = chosen.flatMap(serversOf);
  const told = { service: { key, live, rule, why }, colours, servers };
  if (way.redirectsToHttps && !question.isEncrypted) {
    return { ...told, answer: '301: the route sends it to https', notes: [] };
  }
  const candidates = servers.filter(({ candidate }) => candidate).length;
  const to = chosen.map(({ appId }) => appId).join(' or ');
  const answer =
    candidates > 0
      ? `goes to one of ${candidates} servers of ${to}`
      : `503: ${key} has no server that may be given requests`;
  // Without a live colour, the first one's policy counts.
  return { ...told, answer, notes: notesOf(chosen[0] ?? service.colours[0], way) };
}

function standingOf({ live, shares, why }: ServiceSpec, { appId, servers, ready }: ColourSpec) {
  if (shares.length > 0) {
    const percent = shares.find((share) => share.appId === appId)?.percent ?? 0;
    return { chosen: percent > 0, why: `${percent} % of the requests are for it` };
  }
  if (appId === live) return { chosen: true, why: `live: ${why}` };
  if (servers.length === 0) return { chosen: false, why: 'no usable server' };
  const state = ready ? 'ready' : 'not wholly ready';
  return { chosen: false, why: `${state}, but not live: ${why}` };
}

function serversOf({ appId, servers, others, balancing }: ColourSpec): ExplainedServer[] {
  const { algorithm } = balancing.balance;
  return [
    ...servers.map(({ id, name, address, port, admin, weight }) => {
      const fault =
        admin === 'maint'
          ? 'in maintenance by order'
          : admin === 'drain'
            ? 'drained by order: only requests whose cookie names it'
            : weight === 0
              ? 'weight 0: only requests whose cookie names it'
              : '';
      const why = fault || `one of those that ${algorithm} chooses from`;
      return { appId, id, name, address: `${address}:${port}`, candidate: fault === '', why };
    }),
    ...others.map(({ id, name, address, standing }) => {
      return { appId, id, name, address, candidate: false, why: standing };
    }),
  ];
}

function notesOf(colour: ColourSpec | undefined, { user }: FoundWay): string[] {
  const { allowedNetworks = null, auth = null, request = [] } = colour?.policy ?? {};
  const networks = allowedNetworks?.join(', ') || 'none';
  return [
    ...(allowedNetworks === null ? [] : [`403 for clients outside these networks: ${networks}`]),
    ...[user, auth?.user ?? null].flatMap((name) =>
      name === null ? [] : `401 unless the password of '${name}' is sent`,
    ),
    ...(request.length === 0
      ? []
      : [
          `${request.length} rules of its labels see the request first; they may answer or change it`,
        ]),
  ];
}
