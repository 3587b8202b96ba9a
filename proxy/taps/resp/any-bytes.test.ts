import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Side, StreamEnd } from '../tap.ts';
import { command, type Played, play, type Step } from './play.fixture.ts';

const commands = [
  command('PING'),
  command('PING').repeat(20),
  command('GET', 'k'),
  command('HELLO', '3', 'AUTH', 'SETNAME', 'SETNAME', 'SETNAME', 'me'),
  command('CLIENT', 'SETNAME', 'x'.repeat(80)),
  command('CLIENT', 'REPLY', 'SKIP'),
  command('CLIENT', 'REPLY', 'OFF'),
  command('CLIENT', 'REPLY', 'ON'),
  command('MULTI'),
  command('EXEC'),
  command('SUBSCRIBE', 'a', 'b'),
  command('UNSUBSCRIBE'),
  command('MONITOR'),
  command('PSYNC', '?', '-1'),
  command('SYNC'),
  command('SHUTDOWN'),
  command('RESET'),
  command('', ''),
  'set k "a \\"b\\" c" \'d\'\r\n',
  '\r\n\r\nping\n',
  '*0\r\n*-1\r\n',
  'bad "quote\r\n',
  '*2\r\n$3\r\nGET\r\n$5\r\nab',
  '*x\r\n',
  '*1\r\n:1\r\n',
];
const replies = [
  '+OK\r\n',
  '+PONG\r\n'.repeat(19),
  '+QUEUED\r\n',
  '-NOAUTH Authentication required.\r\n',
  `-ERR ${'x'.repeat(600)}\r\n`,
  ':1\r\n',
  '$5\r\nhe\r\no\r\n',
  '$-1\r\n',
  '*-1\r\n',
  '*0\r\n',
  '*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n',
  '*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n',
  '>3\r\n+subscribe\r\n+a\r\n:1\r\n',
  '*2\r\n*2\r\n:1\r\n*0\r\n-ERR nested\r\n',
  '%1\r\n+a\r\n_\r\n',
  '|1\r\n+ttl\r\n:3600\r\n*2\r\n|1\r\n+a\r\n+b\r\n:1\r\n#t\r\n',
  '$?\r\n;4\r\nHell\r\n;1\r\no\r\n;0\r\n',
  '*?\r\n:1\r\n,1.5\r\n.\r\n',
  '!21\r\nSYNTAX invalid syntax\r\n',
  '=15\r\ntxt:Some string\r\n',
  '(3492890328409238509324850943850943825024385\r\n',
  '+FULLRESYNC abc 1\r\n$EOF:abc\r\nREDIS',
  '\n\n',
  'HTTP/1.1 200\r\n',
  '$5\r\nab',
];

const step = fc.oneof(
  fc.constantFrom(...commands).map((text): Step => ['client', text]),
  fc.constantFrom(...replies).map((text): Step => ['upstream', text]),
);
const steps = fc.array(step, { maxLength: 14 });
const by = fc.constantFrom<Side>('client', 'upstream');
const how = fc.constantFrom<StreamEnd>('fin', 'rst');

it('any cut of the bytes gives the same events, judgement and state', () => {
  fc.assert(
    fc.property(steps, by, how, fc.integer({ min: 1, max: 30 }), (given, side, end, size) => {
      const whole = play(given, { by: side, how: end });
      expect(withoutTimes(play(given, { by: side, how: end, size }))).toEqual(withoutTimes(whole));
    }),
    { numRuns: 3000 },
  );
});

it('an event is whole, or says why it is not, and never both', () => {
  fc.assert(
    fc.property(steps, by, how, (given, side, end) => {
      const { events, judged, state } = play(given, { by: side, how: end });
      expect(events.reduce((sum, { redis }) => sum + redis!.count, 0)).toBeGreaterThanOrEqual(
        state.completedExchanges,
      );
      for (const { error, cause, flags, redis } of events) {
        expect(error === null).toBe(cause === null);
        expect(flags.includes('error')).toBe(error !== null);
        if (redis!.reply === 'answered') expect(redis!.reply_type).not.toBeNull();
        if (redis!.reply === 'none' && redis!.command !== 'SHUTDOWN') expect(cause).not.toBeNull();
        if (redis!.error_code !== null) expect(cause).toBe(`redis_error:${redis!.error_code}`);
      }
      if (state.openExchanges === 0 && judged !== null) expect(judged.cause).toBe('reset');
    }),
    { numRuns: 2000 },
  );
});

it('random bytes never throw, and no command of more than was sent is told', () => {
  const noise = fc.array(
    fc.oneof(
      fc.constantFrom(
        '*',
        '$',
        '+',
        '-',
        ':',
        '>',
        '%',
        '|',
        '\r\n',
        '1',
        '9'.repeat(12),
        '?',
        ';',
        '.',
        '"',
        ' ',
      ),
      fc.constantFrom(...commands, ...replies),
      fc.string({ unit: 'binary', maxLength: 8 }),
    ),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(by, noise), { maxLength: 8 }), by, how, (pieces, side, end) => {
      const given = pieces.map(([from, parts]): Step => [from, parts.join('')]);
      const { events } = play(given, { by: side, how: end });
      const sent = (from: Side) =>
        given.reduce((sum, [one, text]) => sum + (one === from ? text.length : 0), 0);
      expect(events.reduce((sum, event) => sum + event.bytes_in, 0)).toBeLessThanOrEqual(sent('client'));
      expect(events.reduce((sum, event) => sum + event.bytes_out, 0)).toBeLessThanOrEqual(sent('upstream'));
    }),
    { numRuns: 2000 },
  );
});

it('a big value, a deep reply and a long line cost no memory that grows with them', () => {
  const before = process.memoryUsage().rss;
  const megabyte = 'x'.repeat(1 << 20);
  const value: Step[] = [
    ['client', `*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${256 << 20}\r\n`],
    ...Array.from({ length: 256 }, (): Step => ['client', megabyte]),
    ['client', '\r\n'],
    ['upstream', '+OK\r\n'],
  ];
  const { told, events } = play(value, { size: 65536 });
  expect(told).toEqual(['SET simple_string']);
  expect(events[0]!.bytes_in).toBeGreaterThan(256 << 20);
  // The test's own chunks are garbage that is collected now and then; the whole value would be 256 MiB beside it.
  expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20);
  expect(
    play([
      ['client', command('PING')],
      ['upstream', '*1\r\n'.repeat(200)],
    ]).told,
  ).toEqual(['PING none redis_protocol_error:reply_too_deep']);
});

function withoutTimes({ events, state, judged }: Played) {
  return {
    state,
    judged,
    events: events.map((event) => ({ ...event, ts_start: 0, ts_end: 0, duration_ms: 0 })),
  };
}
