// GET /_teal/instance: what this instance says of itself to its peers, without asking its workers; and
// how the same is read from a peer, which is believed only as far as its shape goes. What is live is said
// once for every epoch, for a plan may be large and does not change within one.

import { Ajv } from 'ajv';
import type { InstanceFacts } from '../../stats/peers.ts';
import type { View } from '../../stats/view.ts';

export const INSTANCE_PATH = '/_teal/instance';

/** Plans of ten thousand services are some 2 MB. */
export const MAX_INSTANCE_BYTES = 8 * 1_048_576;

type Known = Pick<
  View,
  | 'version'
  | 'node'
  | 'pid'
  | 'nowMs'
  | 'startedAtMs'
  | 'epoch'
  | 'plan'
  | 'source'
  | 'workers'
  | 'problems'
>;

export interface Own {
  readonly id: string;
  readonly groups: readonly string[];
  /** Of all its listeners: an instance's own, so that services are compared without it. */
  readonly bindAddress: string;
  readonly notReady: string;
}

export function instanceFacts(
  known: Known,
  { id, groups, bindAddress, notReady }: Own,
): InstanceFacts {
  const { version, node, pid, nowMs, startedAtMs, epoch, plan } = known;
  const { source, workers, problems } = known;
  const { streaming, lastAnswerAtMs, held } = source;
  return {
    ...{ id, version, node, pid, nowMs, startedAtMs, notReady, epoch },
    workers: workers.length,
    workersBehind: workers.filter((worker) => worker.epoch !== epoch).length,
    ...{ streaming, lastAnswerAtMs, held, groups },
    problems: problems.length,
    services: plan.services.map(({ key, address, servicePort, live, shares }) => ({
      key: address === bindAddress ? `*:${servicePort}` : key,
      live,
      shares,
    })),
  };
}

/** Path and query that ask an instance for what is new; `known`: what it said last, null = nothing. */
export function instanceUri(known: InstanceFacts | null): string {
  return known === null
    ? INSTANCE_PATH
    : `${INSTANCE_PATH}?since=${encodeURIComponent(momentOf(known))}`;
}

/** JSON; `query` of the request. */
export function sayInstance(facts: InstanceFacts, query: string): string {
  const isKnown = new URLSearchParams(query).get('since') === momentOf(facts);
  return `${JSON.stringify(isKnown ? { ...facts, services: null } : facts)}\n`;
}

function momentOf({ id, epoch }: Pick<InstanceFacts, 'id' | 'epoch'>): string {
  return `${id}.${epoch}`;
}

/** Printable, on one line: it stands in logs and pages. */
const line = (maxLength: number) => ({
  type: 'string',
  maxLength,
  pattern: '^[^\\u0000-\\u001f\\u007f]*$',
});
const whole = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER };
const object = (properties: Readonly<Record<string, object>>) => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
});

/** `services`: null = as at this epoch before. */
type Said = Omit<InstanceFacts, 'services'> & {
  readonly services: InstanceFacts['services'] | null;
};

/** What a later version says besides is passed over. */
const ajv = new Ajv({ strict: true, removeAdditional: 'all' });
const fits = ajv.compile<Said>(
  object({
    id: { ...line(64), minLength: 1 },
    version: line(64),
    node: line(255),
    pid: whole,
    nowMs: whole,
    startedAtMs: whole,
    notReady: line(1_000),
    epoch: whole,
    workers: whole,
    workersBehind: whole,
    streaming: { type: 'boolean' },
    lastAnswerAtMs: whole,
    held: { type: 'boolean' },
    groups: { type: 'array', maxItems: 100, items: line(255) },
    problems: whole,
    services: {
      type: 'array',
      nullable: true,
      maxItems: 50_000,
      items: object({
        key: line(255),
        live: { ...line(1_000), nullable: true },
        shares: {
          type: 'array',
          maxItems: 100,
          items: object({
            appId: line(1_000),
            percent: { type: 'number', minimum: 0, maximum: 100 },
          }),
        },
      }),
    },
  }),
);

/** Null = no instance of Teal says this. `known`: what it said last, null = nothing. */
export function readInstanceFacts(text: string, known: InstanceFacts | null): InstanceFacts | null {
  const said = parse(text);
  if (!fits(said)) return null;
  if (said.services !== null) return { ...said, services: said.services };
  const isKnown = known !== null && momentOf(known) === momentOf(said);
  return isKnown ? { ...said, services: known.services } : null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
