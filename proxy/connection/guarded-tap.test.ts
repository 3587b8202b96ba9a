import { expect, test } from 'vitest';
import { rawState } from '../taps/raw.ts';
import type { Tap } from '../taps/tap.ts';
import { guardTap } from './guarded-tap.ts';
import type { Session } from './session.ts';

test('a tap that fails is told once, asked nothing more, and never takes its caller down', () => {
  const told: unknown[] = [];
  const logger = { error: (fields: unknown) => told.push(fields) };
  const session = { context: { connId: 'c1' }, runtime: { logger } } as unknown as Session;
  const fail = (): never => {
    throw new Error('a defect');
  };
  const broken: Tap = { data: fail, end: fail, state: fail, causeOf: fail, close: fail };
  const tap = guardTap(broken, session);
  tap.data('client', Buffer.from('x'));
  tap.data('client', Buffer.from('y'));
  tap.end('client', 'fin');
  expect(tap.state()).toBe(rawState);
  expect(tap.causeOf('client', 'rst')).toBeNull();
  tap.close({ cause: 'graceful', error: '', timedOut: false });
  expect(told).toMatchObject([{ connId: 'c1', err: { message: 'a defect' } }]);
});
