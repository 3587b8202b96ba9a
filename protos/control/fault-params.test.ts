import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Type } from '../schema/type.ts';
import { ClientLimits, FaultLimits } from './fault-limits.ts';
import { checkedParameters, completedAtOnce, convertedOrRefused } from './fault-params.ts';

const schema = Type.Object(
  {
    code: Type.Integer({ default: 2, minimum: 0, maximum: 255, description: 'a code' }),
    share: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    needed: Type.String({ minLength: 1, maxLength: 5 }),
    debug: Type.String({ default: '', maxLength: 4 }),
    way: Type.Enum(['fin', 'rst', 3], { default: 'fin' }),
    isLate: Type.Boolean({ default: false }),
    shape: Type.Optional(Type.String({ pattern: '^a+$' })),
    turns: Type.Optional(Type.Array(Type.Integer())),
  },
  { additionalProperties: false },
);

const outcome = (check: () => unknown) => {
  try {
    return check();
  } catch (error) {
    return (error as Error).message;
  }
};

test('what is accepted at once is what the general way makes of it', () => {
  const value = fc.oneof(
    fc.constantFrom(0, -0, 1, 0.5, 2.5, 255, 256, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60),
    fc.constantFrom(
      '',
      'a',
      'aa',
      'fin',
      'rst',
      '3',
      '1',
      'true',
      'long text',
      'é',
      '👍👍👍',
      'e\u0301e\u0301',
      '\n',
    ),
    fc.constantFrom<unknown>(true, false, null, undefined, [], [1], {}, ['1']),
  );
  const names = [...Object.keys(schema.properties), 'other', '__proto__', 'constructor'];
  let atOnce = 0;
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), value), fc.boolean(), (some, isWhole) => {
      const given = isWhole ? { needed: 'text', ...some } : some;
      const known = outcome(() => convertedOrRefused('x', schema, given));
      const fast = completedAtOnce(schema, given);
      if (fast !== null) {
        atOnce++;
        expect(fast).toEqual(known);
      }
      expect(outcome(() => checkedParameters('x', schema, given))).toEqual(known);
    }),
    { numRuns: 1500, examples: [[{ code: undefined }, true]] },
  );
  expect(atOnce).toBeGreaterThan(20);
});

test.each([
  ['no limits', FaultLimits, {}],
  ['the third', ClientLimits, { nth: 3 }],
  ['some of them', FaultLimits, { probability: 0.5, seed: 7, tid: 'a' }],
])('limits are accepted at once: %s', (_name, limits, given) => {
  expect(completedAtOnce(limits, given)).toEqual(given);
});

test('a default is not shared between those who get it', () => {
  const listed = Type.Object({ way: Type.Enum(['a'], { default: 'a' }) });
  expect(completedAtOnce(listed, {})).toEqual({ way: 'a' });
  expect(completedAtOnce(listed, {})).not.toBe(completedAtOnce(listed, {}));
});

test.each([5, true, '', 'n=1', [], null])('%j is no set of parameters', (given) => {
  const none = Type.Object({}, { additionalProperties: false });
  expect(() => checkedParameters('h1-rst', none, given as never)).toThrow(
    `h1-rst: ${JSON.stringify(given)} are no parameters; write an object, such as {"name": 1}`,
  );
});
