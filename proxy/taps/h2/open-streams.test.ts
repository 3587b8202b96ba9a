import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newExchange } from './exchange.ts';
import { OpenStreams } from './open-streams.ts';

test('holds what a Map would, in the same order, whatever comes and goes', () => {
  const step = fc.tuple(fc.constantFrom('add', 'delete', 'get'), fc.integer({ min: 0, max: 40 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), fc.constantFrom(1, 2, 256, 1 << 20), (steps, factor) => {
      const streams = new OpenStreams();
      const model = new Map<number, ReturnType<typeof newExchange>>();
      for (const [what, n] of steps) {
        const id = n * factor + 1;
        if (what === 'get') expect(streams.get(id)).toBe(model.get(id));
        else if (what === 'add' && !model.has(id)) {
          const exchange = newExchange(id, 0, false, 0);
          streams.add(exchange);
          model.set(id, exchange);
        } else if (what === 'delete') {
          const exchange = model.get(id) ?? newExchange(id, 0, false, 0);
          streams.delete(exchange);
          model.delete(id);
          expect([exchange.older, exchange.newer, exchange.nextInBucket]).toEqual([null, null, null]);
        }
        expect(streams.size).toBe(model.size);
        expect(streams.all()).toEqual([...model.values()]);
        expect(streams.oldest).toBe(streams.all()[0] ?? null);
      }
    }),
  );
});
