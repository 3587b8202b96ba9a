import TypeBox, { type TSchema } from 'typebox';
import { expect, test } from 'vitest';
import { Type } from './type.ts';

/** Everything that a schema is, hidden properties and the order of keys too. */
function whole(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(whole);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Reflect.ownKeys(schema).map((key) => {
    const { value, ...flags } = Object.getOwnPropertyDescriptor(schema, key)!;
    return [key, flags, whole(value)];
  });
}

const made: [string, (type: typeof Type) => TSchema][] = [
  ['Array', (type) => type.Array(type.String(), { minItems: 1 })],
  ['Boolean', (type) => type.Boolean({ default: false, description: 'x' })],
  ['Boolean without options', (type) => type.Boolean()],
  ['Enum', (type) => type.Enum(['a', 'b', 3], { default: 'a' })],
  ['Integer', (type) => type.Integer({ minimum: 0, maximum: 7, default: 3 })],
  ['Number', (type) => type.Number({ minimum: 0.5 })],
  ['String', (type) => type.String({ pattern: '^a', maxLength: 3 })],
  ['an empty Object', (type) => type.Object({}, { additionalProperties: false })],
  [
    'Object',
    (type) =>
      type.Object(
        {
          one: type.Integer(),
          two: type.Optional(type.String({ minLength: 1 })),
          three: type.Array(type.Object({ four: type.Boolean() })),
        },
        { additionalProperties: false, description: 'x' },
      ),
  ],
  ['an Object of optional ones', (type) => type.Object({ one: type.Optional(type.Integer()) })],
  ['an Optional of an Optional', (type) => type.Optional(type.Optional(type.Number()))],
];

test.each(made)('%s is what TypeBox makes, to the last property', (_name, build) => {
  expect(whole(build(Type))).toEqual(whole(build(TypeBox)));
});
