import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { keys } from './keys.ts';
import { parseConfig } from './load.ts';
import { ConfigError } from './problems.ts';

const words = [...new Set(Object.values(keys).flat())];
const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('', 'auto', '127.0.0.1:0', '10.0.0.0/8', 'h2', 'off', 'no'),
    fc.oneof(fc.boolean(), fc.double(), fc.integer(), fc.constant(null), fc.string({ maxLength: 8 })),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...words), tie('value'), { maxKeys: 5 }),
  ),
})).value;
const listener = fc.record({ name: fc.constant('a'), listen: fc.constant('127.0.0.1:0') });

test('any value under any key: a configuration, or problems that each have their place', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...words), value, { maxKeys: 6 }), listener, (given, usual) => {
      const text = stringify({ listeners: [{ ...usual, upstream: { addr: '127.0.0.1:1' }, ...given }] });
      try {
        expect(parseConfig('c.yaml', Buffer.from(text)).listeners).toHaveLength(1);
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
        for (const problem of (error as ConfigError).problems)
          expect(problem).toMatch(/^c\.yaml:\d+:\d+: \S/);
      }
    }),
    { numRuns: 150 },
  );
});
