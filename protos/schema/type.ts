import type TypeBox from 'typebox';

type Builder = Pick<
  typeof TypeBox,
  'Array' | 'Boolean' | 'Enum' | 'Integer' | 'Number' | 'Object' | 'Optional' | 'String'
>;
type Schema = { readonly [key: string]: unknown };

/**
 * The builders of TypeBox that describe parameters, alike in types and in what they make, so that its other functions take
 * the schemas. Loading TypeBox itself, some hundred modules, would be half the start of a program.
 */
export const Type = {
  Array: (items: Schema, options?: object) => made('Array', { type: 'array', items }, options),
  Boolean: (options?: object) => made('Boolean', { type: 'boolean' }, options),
  Enum: (values: unknown[], options?: object) => made('Enum', { enum: values }, options),
  Integer: (options?: object) => made('Integer', { type: 'integer' }, options),
  Number: (options?: object) => made('Number', { type: 'number' }, options),
  Object: (properties: Record<string, Schema>, options?: object) => {
    const required = Object.keys(properties).filter((name) => !('~optional' in properties[name]!));
    const what = { type: 'object', ...(required.length > 0 ? { required } : {}), properties };
    return made('Object', what, options);
  },
  Optional: (schema: Schema) => {
    const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(schema));
    return hidden(copy, '~optional', true);
  },
  String: (options?: object) => made('String', { type: 'string' }, options),
} as unknown as Builder;

function made(kind: string, schema: object, options: object = {}): object {
  return hidden({ ...schema, ...options }, '~kind', kind);
}

/** No part of the JSON Schema. */
function hidden(schema: object, name: string, value: unknown): object {
  return Object.defineProperty(schema, name, {
    value,
    configurable: true,
    writable: true,
    enumerable: false,
  });
}
