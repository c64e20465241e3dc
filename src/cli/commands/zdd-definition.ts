// An app definition → the side of a deployment that zdd.py would make of it: its id, colour, ports, labels
// and how many instances it begins with. Pure.

import { poolName } from '../../catalogue/names.ts';
import { ZDD_EXIT, type ZddOptions } from '../../options/zdd-command.ts';
import { asObject, type Json, servicePortOf, withServicePort } from './definition.ts';
import type { AppState } from './marathon-desk.ts';
import { Stop } from './stop.ts';

const LABEL = {
  group: 'HAPROXY_DEPLOYMENT_GROUP',
  altPort: 'HAPROXY_DEPLOYMENT_ALT_PORT',
  colour: 'HAPROXY_DEPLOYMENT_COLOUR',
  startedAt: 'HAPROXY_DEPLOYMENT_STARTED_AT',
  target: 'HAPROXY_DEPLOYMENT_TARGET_INSTANCES',
  newInstances: 'HAPROXY_DEPLOYMENT_NEW_INSTANCES',
  appId: 'HAPROXY_APP_ID',
  port: 'HAPROXY_0_PORT',
} as const;

/** What of a file is known to be right. */
export interface ZddApp {
  readonly id: string;
  readonly group: string;
  readonly altPort: number;
  /** Service port that clients use. */
  readonly port: number;
  readonly instances: number;
  /** Without its nulls. */
  readonly json: Json;
}

/** Throws Stop with zdd.py's exit code. */
export function readZddApp(text: string): ZddApp {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new Stop(ZDD_EXIT.fault, 'expected JSON with an app definition');
  }
  const json = asObject(withoutNulls(parsed));
  const { id, instances = 1 } = json;
  if (typeof id !== 'string' || id === '') throw missing("an 'id' such as /shop");
  const labels = asObject(json['labels']);
  const group = labels[LABEL.group];
  if (typeof group !== 'string' || group === '') {
    throw missing(`a label ${LABEL.group}: apps with the same value are sides of one service`);
  }
  const altPort = Number(labels[LABEL.altPort]);
  if (!(Number.isInteger(altPort) && altPort > 0 && altPort <= 65_535)) {
    throw missing(`a label ${LABEL.altPort}: the service port of the other side`);
  }
  const port = servicePortOf(json);
  if (port === null) throw missing('a service port, as in container.portMappings');
  if (typeof instances !== 'number' || !Number.isInteger(instances) || instances < 0) {
    throw missing("a whole number of 'instances'");
  }
  return { id: id.startsWith('/') ? id : `/${id}`, group, altPort, port, instances, json };
}

function missing(what: string): Stop {
  return new Stop(ZDD_EXIT.field, `the app definition lacks ${what}`);
}

/** The apps of a group, the one that was deployed last first. */
export function deployedBefore(apps: readonly AppState[], group: string): readonly AppState[] {
  const startOf = ({ labels }: AppState) => labels[LABEL.startedAt] ?? '0';
  return apps
    .filter(({ labels }) => labels[LABEL.group] === group)
    .sort((a, b) => (startOf(a) < startOf(b) ? 1 : startOf(a) > startOf(b) ? -1 : 0));
}

/** What Marathon is told. `last`: what was deployed before; null = nothing. Throws Stop. */
export function nextSide(
  app: ZddApp,
  last: AppState | null,
  options: Pick<ZddOptions, 'initialInstances' | 'newInstances'>,
  now: Date,
): Json {
  const { port } = app;
  const served = last?.labels[LABEL.port];
  if (served !== undefined && served !== String(port)) {
    throw new Stop(
      ZDD_EXIT.field,
      `${last?.id} serves port ${served} and the definition says ${port}; clients would lose it: expected the same service port`,
    );
  }
  const target = last === null ? app.instances : last.instances;
  const beside = last === null ? 0 : Math.min(options.newInstances, target);
  const first = Math.min(options.initialInstances, beside > 0 ? beside : target);
  const colour = last?.labels[LABEL.colour] === 'blue' ? 'green' : 'blue';
  return {
    ...withServicePort(app.json, portFor(app, last)),
    id: `${app.id}-${colour}`,
    instances: last === null ? app.instances : first,
    labels: {
      ...asObject(app.json['labels']),
      [LABEL.appId]: String(app.json['id']),
      [LABEL.port]: String(port),
      [LABEL.target]: String(target),
      [LABEL.newInstances]: String(beside),
      [LABEL.colour]: colour,
      [LABEL.startedAt]: startedAt(now, last?.labels[LABEL.startedAt] ?? ''),
    },
  };
}

/** The sides have two service ports in turn. */
function portFor({ port, altPort }: ZddApp, last: AppState | null): number {
  return last === null || servicePortOf(last.json) === altPort ? port : altPort;
}

/** As Python writes it: local, without a zone. Later than the last one, whatever the clock says. */
function startedAt(now: Date, last: string): string {
  const minute = 60_000;
  const local = stamp(now.getTime() - now.getTimezoneOffset() * minute);
  if (local > last) return local;
  const lastMs = Date.parse(/Z$|[+-]\d\d:?\d\d$/.test(last) ? last : `${last}Z`);
  return Number.isNaN(lastMs) ? local : stamp(lastMs + 1);
}

function stamp(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000');
}

/** What the new side is to become, by the labels of both. */
export interface Aim {
  /** Instances of the new side in the end, of a pair the part that it has. */
  readonly goal: number;
  /** Servers that both sides together do not fall below. */
  readonly target: number;
  /** Instances the old side keeps; null = it ends. */
  readonly keeps: number | null;
  readonly linearIncrease: number;
}

export function aimOf(
  young: AppState,
  old: AppState,
  { complete, linearIncrease }: Pick<ZddOptions, 'complete' | 'linearIncrease'>,
): Aim {
  const target = countIn(young, LABEL.target) ?? young.instances;
  const beside = complete === null ? (countIn(young, LABEL.newInstances) ?? 0) : 0;
  if (beside === 0) return { goal: target, target, keeps: null, linearIncrease };
  const ofOld = countIn(old, LABEL.target) ?? old.instances;
  return { goal: beside, target, keeps: ofOld - beside, linearIncrease };
}

/** pxname of the pool that both sides share. */
export function poolOf({ labels }: AppState): string {
  return poolName(`/${labels[LABEL.group] ?? ''}`, Number(labels[LABEL.port]));
}

function countIn({ labels }: AppState, name: string): number | null {
  const text = labels[name] ?? '';
  return /^\s*\d{1,7}\s*$/.test(text) ? Number(text) : null;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((one) => one !== null).map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) => (one === null ? [] : [[key, withoutNulls(one)]])),
  );
}
