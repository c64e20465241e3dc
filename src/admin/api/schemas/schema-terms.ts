// The words schemas are written in. An object's schema names every field of the type it describes, or it
// does not compile: what is answered and what is documented cannot part.

export interface Schema {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly (string | null)[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
}

export const text = (description: string): Schema => ({ type: 'string', description });
export const count = (description: string): Schema => ({ type: 'integer', description });
export const amount = (description: string): Schema => ({ type: 'number', description });
export const flag = (description: string): Schema => ({ type: 'boolean', description });
export const moment = (what: string): Schema => amount(`${what}, ms since 1970`);

export const textOrNull = (description: string): Schema => ({
  type: ['string', 'null'],
  description,
});
export const amountOrNull = (description: string): Schema => ({
  type: ['number', 'null'],
  description,
});

export const oneOf = (description: string, ...words: readonly string[]): Schema => ({
  enum: words,
  description,
});

export const list = (description: string, items: Schema): Schema => ({
  type: 'array',
  description,
  items,
});

/** An object whose field names are data. */
export const byName = (description: string, values: Schema): Schema => ({
  type: 'object',
  description,
  additionalProperties: values,
});

export const orNull = (description: string, schema: Schema): Schema => ({
  description,
  anyOf: [schema, { type: 'null' }],
});

/** `optional`: fields that may be absent. More fields may come with later versions. */
export function shape<T extends object>(
  properties: { readonly [Name in keyof Required<T>]: Schema },
  optional: readonly (keyof T & string)[] = [],
): Schema {
  const named: Readonly<Record<string, Schema>> = properties;
  const absent: ReadonlySet<string> = new Set(optional);
  return {
    type: 'object',
    properties: named,
    required: Object.keys(named).filter((name) => !absent.has(name)),
  };
}
