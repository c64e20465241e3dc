// The schema of `;json`, in the shape of HAProxy's own (draft 04), as monitoring agents fetch it.

const ref = (name: string): object => ({ $ref: `#/definitions/${name}` });
const whole = (minimum: number): object => ({ type: 'integer', minimum });

function typed(type: string, value: object): object {
  return {
    properties: { type: { type: 'string', enum: [type] }, value },
    required: ['type', 'value'],
  };
}

const SCHEMA = {
  $schema: 'http://json-schema.org/draft-04/schema#',
  type: 'array',
  items: {
    title: 'Stat',
    type: 'array',
    items: {
      title: 'InfoItem',
      type: 'object',
      properties: {
        objType: { enum: ['Frontend', 'Backend', 'Listener', 'Server', 'Unknown'] },
        proxyId: whole(0),
        id: whole(0),
        field: ref('field'),
        processNum: whole(1),
        tags: ref('tags'),
        value: ref('typedValue'),
      },
      required: ['objType', 'proxyId', 'id', 'field', 'processNum', 'tags', 'value'],
    },
  },
  definitions: {
    field: {
      type: 'object',
      properties: { pos: whole(0), name: { type: 'string' } },
      required: ['pos', 'name'],
    },
    tags: {
      type: 'object',
      properties: {
        origin: { enum: ['Metric', 'Status', 'Key', 'Config', 'Product', 'Unknown'] },
        nature: {
          enum: [
            'Gauge',
            'Limit',
            'Min',
            'Max',
            'Rate',
            'Counter',
            'Duration',
            'Age',
            'Time',
            'Name',
            'Output',
            'Avg',
            'Unknown',
          ],
        },
        scope: { enum: ['Cluster', 'Process', 'Service', 'System', 'Unknown'] },
      },
      required: ['origin', 'nature', 'scope'],
    },
    typedValue: {
      type: 'object',
      oneOf: [
        typed('s32', { type: 'integer', minimum: -2_147_483_648, maximum: 2_147_483_647 }),
        typed('u32', { type: 'integer', minimum: 0, maximum: 4_294_967_295 }),
        typed('u64', { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
        typed('str', { type: 'string' }),
      ],
    },
  },
} as const;

export const JSON_SCHEMA = JSON.stringify(SCHEMA);
