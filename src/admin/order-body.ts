// The body of an order → OrderRequest, or every fault in it. Unknown fields are faults: an order that was
// not understood is not carried out in part.

import { Ajv, type ErrorObject } from 'ajv';
import { type OrderRequest, PLAIN_ORDER } from './order-request.ts';

export const MAX_BODY_BYTES = 16_384;

const MAX_SECONDS = 30 * 86_400;

/** As it stands in the body. */
type RawOrder = Pick<OrderRequest, 'order'> & {
  readonly [Field in keyof OrderRequest]?: OrderRequest[Field] | null;
};

/** Printable, on one line: it stands in logs and pages. */
const LINE = '^[^\\u0000-\\u001f\\u007f]*$';
const line = (maxLength: number) => ({ type: 'string', maxLength, pattern: LINE, nullable: true });
const map = (values: object) => ({
  type: 'object',
  maxProperties: 1_000,
  propertyNames: { maxLength: 255, pattern: LINE },
  additionalProperties: values,
  nullable: true,
});

const ajv = new Ajv({ strict: true, allErrors: true });
const fits = ajv.compile<RawOrder>({
  type: 'object',
  additionalProperties: false,
  required: ['order'],
  properties: {
    order: {
      enum: [
        'cutover',
        'rollback',
        'release',
        'split',
        'drain',
        'server',
        'freeze',
        'unfreeze',
        'lease',
        'unlease',
      ] satisfies OrderRequest['order'][],
    },
    service: { ...line(255), nullable: false },
    colour: line(255),
    shares: map({ type: 'integer', minimum: 0, maximum: 100 }),
    servers: map({ enum: ['ready', 'drain', 'maint'] }),
    seconds: { type: 'number', minimum: 0, maximum: MAX_SECONDS, nullable: true },
    by: line(100),
    why: line(500),
    ifEpoch: { type: 'integer', minimum: 0, nullable: true },
    phase: { enum: ['prepare', 'commit', 'abort', 'both', null] },
    lease: line(100),
    force: { type: 'boolean', nullable: true },
  },
});

/** What orders cannot do without. */
const NEEDED: Readonly<Partial<Record<OrderRequest['order'], readonly (keyof OrderRequest)[]>>> = {
  split: ['service', 'shares'],
  server: ['service', 'servers'],
  freeze: [],
  unfreeze: [],
};
const MAX_FAULTS = 5;

export function readOrder(text: string): OrderRequest | { readonly fault: string } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { fault: 'expected a JSON object such as {"order":"cutover","service":"10080"}' };
  }
  if (!fits(body)) {
    return { fault: (fits.errors ?? []).slice(0, MAX_FAULTS).map(faultOf).join('; ') };
  }
  const missing = (NEEDED[body.order] ?? ['service']).filter((field) => !body[field]);
  if (missing.length > 0) {
    return { fault: `expected "${missing.join('", "')}" beside "order": "${body.order}"` };
  }
  const given = Object.entries(body).filter(([, value]) => value !== null);
  return { ...PLAIN_ORDER, order: body.order, ...Object.fromEntries(given) };
}

function faultOf({ instancePath, keyword, params, message }: ErrorObject): string {
  const where = instancePath === '' ? 'the order' : instancePath.slice(1).replaceAll('/', '.');
  if (keyword === 'additionalProperties') {
    return `${where}: unknown field "${params['additionalProperty']}"`;
  }
  if (keyword === 'enum') {
    return `${where}: expected one of ${params['allowedValues'].filter(Boolean).join(', ')}`;
  }
  return `${where} ${message}`;
}
