import { describe, expect, it } from 'vitest';
import { command, play } from './play.fixture.ts';

/** github.com/redis/redis-specifications, protocol/RESP3.md, and redis.io/docs/reference/protocol-spec: their own examples. */
describe('every type of the specification', () => {
  it.each([
    ['+OK\r\n', 'simple_string'],
    ['-ERR unknown command\r\n', 'error'],
    [':1000\r\n', 'integer'],
    [':-5\r\n', 'integer'],
    ['$11\r\nhello world\r\n', 'bulk_string'],
    ['$0\r\n\r\n', 'bulk_string'],
    ['$-1\r\n', 'null'],
    ['*-1\r\n', 'null'],
    ['*0\r\n', 'array'],
    ['*3\r\n:1\r\n:2\r\n:3\r\n', 'array'],
    ['*2\r\n*3\r\n:1\r\n$5\r\nhello\r\n:2\r\n#f\r\n', 'array'],
    ['_\r\n', 'null'],
    [',1.23\r\n', 'double'],
    [',inf\r\n', 'double'],
    ['#t\r\n', 'boolean'],
    ['!21\r\nSYNTAX invalid syntax\r\n', 'blob_error'],
    ['=15\r\ntxt:Some string\r\n', 'verbatim_string'],
    ['(3492890328409238509324850943850943825024385\r\n', 'big_number'],
    ['%2\r\n+first\r\n:1\r\n+second\r\n:2\r\n', 'map'],
    ['~5\r\n+orange\r\n+apple\r\n#t\r\n:100\r\n:999\r\n', 'set'],
    [
      '|1\r\n+key-popularity\r\n%2\r\n$1\r\na\r\n,0.1923\r\n$1\r\nb\r\n,0.0012\r\n*2\r\n:2039123\r\n:9543892\r\n',
      'array',
    ],
    ['*3\r\n:1\r\n:2\r\n|1\r\n+ttl\r\n:3600\r\n:3\r\n', 'array'],
    ['$?\r\n;4\r\nHell\r\n;5\r\no wor\r\n;1\r\nd\r\n;0\r\n', 'bulk_string'],
    ['*?\r\n:1\r\n:2\r\n:3\r\n.\r\n', 'array'],
    ['~?\r\n*?\r\n.\r\n.\r\n', 'set'],
    ['%?\r\n+a\r\n:1\r\n+b\r\n:2\r\n.\r\n', 'map'],
  ])('%j is one reply, %s', (reply, type) => {
    const { events, told } = play([
      ['client', command('GET', 'a') + command('PING')],
      ['upstream', `${reply}+PONG\r\n`],
    ]);
    expect(told[1]).toBe('PING simple_string');
    expect(events[0]).toMatchObject({ bytes_out: reply.length, redis: { reply_type: type } });
  });

  it('a pushed message may stand anywhere between replies', () => {
    const push = '>4\r\n+pubsub\r\n+message\r\n+somechannel\r\n+this is the message\r\n';
    const { events, told } = play([
      ['client', command('GET', 'k') + command('GET', 'k')],
      ['upstream', `${push}$9\r\nGet-Reply\r\n${push}${push}$9\r\nGet-Reply\r\n`],
    ]);
    expect(told).toEqual(['GET bulk_string', 'GET bulk_string']);
    expect(events.map(({ redis }) => redis!.pushes)).toEqual([1, 2]);
  });

  it.each([
    '?\r\n',
    '$x\r\n',
    '*-2\r\n',
    '$\r\n',
    '.\r\n',
    ';1\r\na\r\n',
    '*1\r\n>1\r\n:1\r\n',
    'HTTP/1.1 400\r\n',
  ])('%j is no reply, and the pairing ends there', (reply) => {
    const { events, state } = play(
      [
        ['client', command('PING') + command('PING')],
        ['upstream', `+PONG\r\n${reply}`],
      ],
      { by: 'upstream' },
    );
    expect(events.map(({ cause }) => cause?.split(':')[0] ?? null)).toEqual([null, 'redis_protocol_error']);
    expect(state.violation).toMatchObject({ by: 'upstream' });
  });
});

describe('an end with commands open', () => {
  it.each([
    [[['client', command('PING')]], 'upstream', 'fin', ['eof_before_headers']],
    [[['client', command('PING')]], 'upstream', 'rst', ['reset']],
    [[['client', command('PING')]], 'client', 'fin', ['client_gone']],
    [[['client', '*1\r\n$4\r\nPI']], 'client', 'fin', ['eof']],
    [[['client', '*1\r\n$4\r\nPI']], 'client', 'rst', ['reset']],
    [[['client', `${command('GET', 'k')}*1\r\n`]], 'client', 'fin', ['client_gone', 'eof']],
    [
      [
        ['client', command('GET', 'k') + command('PING')],
        ['upstream', '$5\r\nab'],
      ],
      'upstream',
      'fin',
      ['truncated', 'eof_before_headers'],
    ],
  ] as const)('%j, then the %s: %s', (steps, by, how, causes) => {
    const { events } = play(steps, { by, how });
    expect(events.map(({ cause }) => cause)).toEqual(causes);
    expect(events.every(({ redis }) => redis!.reply === 'none')).toBe(true);
  });
});

it('SUBSCRIBE in a transaction of RESP3, as Redis 7 answers it', () => {
  const { told, state } = play([
    ['client', command('HELLO', '3')],
    ['upstream', '%1\r\n+proto\r\n:3\r\n'],
    ['client', command('MULTI') + command('SUBSCRIBE', 'a') + command('EXEC') + command('PING')],
    ['upstream', '+OK\r\n+QUEUED\r\n*1\r\n>3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n+PONG\r\n'],
  ]);
  expect(told).toEqual([
    'HELLO map',
    'MULTI simple_string',
    'SUBSCRIBE queued',
    'EXEC array',
    'PING simple_string',
  ]);
  expect(state.violation).toBeNull();
});

it('a CLIENT REPLY OFF that was refused does not silence the commands behind it', () => {
  const { told } = play([
    ['client', command('CLIENT', 'REPLY', 'OFF')],
    ['upstream', '-NOAUTH Authentication required.\r\n'],
    ['client', command('AUTH', 'x')],
    ['upstream', '+OK\r\n'],
    ['client', command('GET', 'k')],
    ['upstream', '$1\r\nv\r\n'],
  ]);
  expect(told).toEqual([
    'CLIENT REPLY suppressed',
    '? error redis_error:NOAUTH',
    'AUTH simple_string',
    'GET bulk_string',
  ]);
});

describe('what a record may not tell', () => {
  const failing = (words: string[], reply: string) =>
    play([
      ['client', command(...words)],
      ['upstream', `${reply}\r\n`],
    ]).events[0]!;

  it.each([
    ["-ERR unknown command 'hunter2', with args beginning with: 'it's' 'x' ", "unknown command '***'"],
    ['-ERR unknown command `hunter2`, with args beginning with: `a`, ', 'unknown command `***`,'],
    [
      "-ERR Error in ACL SETUSER modifier '>hunter2': Syntax error",
      "Error in ACL SETUSER modifier '***': Syntax error",
    ],
    [`-ERR unknown command 'hunter2 ${'x'.repeat(600)}'`, 'unknown command ***'],
    ["-ERR wrong number of arguments for 'get' command", "wrong number of arguments for 'get' command"],
    [
      "-ERR wrong number of arguments for 'config|set' command",
      "wrong number of arguments for 'config|set' command",
    ],
    [
      "-ERR wrong number of arguments for 'config|hunter2' command",
      "wrong number of arguments for '***' command",
    ],
    ['-MOVED 3999 127.0.0.1:6381', '3999 127.0.0.1:6381'],
    ['-MYCODE hunter2', null],
    // Arguments that are repeated without quotes: acl.c, cluster.c, config.c, geo.c, replication.c; Envoy's redis_proxy.
    [
      "-NOPERM User hunter2 has no permissions to run the 'get' command",
      "User *** has no permissions to run the 'get' command",
    ],
    ['-ERR invalid longitude,latitude pair 4.000000,5.000000', 'invalid longitude,latitude pair ***'],
    ['-ERR Unsupported CONFIG parameter: hunter2', 'Unsupported CONFIG parameter: ***'],
    ['-ERR Unrecognized REPLCONF option: hunter2', 'Unrecognized REPLCONF option: ***'],
    ['-ERR Unknown node hunter2', 'Unknown node ***'],
    ['-ERR Invalid node address specified: hunter2:1', 'Invalid node address specified: ***'],
    ['-ERR Target instance replied with error: ERR hunter2', 'Target instance replied with error: ***'],
    [
      "-ERR unknown command 'hunter2', with args beginning with: hunter2",
      "unknown command '***', with args beginning with: ***",
    ],
  ])('%s', (reply, text) => {
    const { redis } = failing(['GET', 'k'], reply);
    expect(redis!.error_text).toBe(text);
  });

  it('a HELLO without a version is not read for a name', () => {
    expect(failing(['HELLO', 'AUTH', 'setname', 'hunter2'], '-NOPROTO x').redis!.client_name).toBeNull();
    expect(failing(['HELLO', '3', 'AUTH', 'setname', 'hunter2'], '-NOAUTH x').redis!.client_name).toBeNull();
    expect(failing(['HELLO', '3', 'SETNAME', 'app'], '-NOAUTH x').redis!.client_name).toBe('app');
  });

  it.each([
    [['EVAL', 'x', '0'], '-NOPERM hunter2'],
    [['EXEC'], '*1\r\n-WRONGPASS hunter2'],
    [['FUNCTION', 'LOAD', 'x'], '-ERR Error registering functions: @user_function: 1: hunter2'],
    [['RENAMED-EVAL', 'x', '0'], '-ERR hunter2'],
  ])('%j answered %j: no text, which a script may have written', (words, reply) => {
    expect(failing(words, reply).redis!.error_text).toBeNull();
  });

  it('what Redis alone says of a transaction is told', () => {
    const text = 'Transaction discarded because of previous errors.';
    expect(failing(['EXEC'], `-EXECABORT ${text}`).redis!.error_text).toBe(text);
  });

  it('an error that a script may have written has its code alone', () => {
    expect(failing(['EVAL', 'x', '0'], '-ERR hunter2').redis).toMatchObject({
      error_code: 'ERR',
      error_text: null,
    });
    expect(failing(['EVAL', 'x', '0'], '-hunter2').redis).toMatchObject({
      error_code: null,
      error_text: null,
    });
  });

  it('arguments of whatever command, and names that are no command', () => {
    const steps = [
      ['AUTH', 'hunter2'],
      ['AUTH', 'hunter2', 'hunter2'],
      ['HELLO', '3', 'AUTH', 'hunter2', 'hunter2', 'SETNAME', 'app'],
      ['ACL', 'SETUSER', 'hunter2', '>hunter2'],
      ['ACL', 'hunter2'],
      ['CONFIG', 'SET', 'requirepass', 'hunter2'],
      ['MIGRATE', 'h', '1', '', '0', '1', 'AUTH', 'hunter2', 'KEYS', 'hunter2'],
      ['hunter2'],
      ['SUBSCRIBE', 'hunter2'],
      ['CLIENT', 'SETNAME', `hunter2${'x'.repeat(64)}`],
      ['CLIENT', 'SETNAME', 'hunter2 spaced'],
    ];
    const { events } = play(steps.map((words) => ['client', command(...words)] as const));
    expect(events).toHaveLength(steps.length);
    expect(JSON.stringify(events)).not.toContain('hunter2');
    expect(events.at(-1)!.redis!.client_name).toBe('app');
  });
});

it('inline commands are split as Redis splits them', () => {
  const { events } = play([['client', 'set "k e y" \'v\'\r\n  ping   \nCONFIG SET "a\\"b" c\r\n']]);
  expect(events.map(({ redis }) => [redis!.command, redis!.subcommand, redis!.arg_count])).toEqual([
    ['SET', null, 2],
    ['PING', null, 0],
    ['CONFIG', 'SET', 3],
  ]);
});

it('more commands than can be followed are told, and the pairing ends', () => {
  const { events, state } = play([
    ['client', 'PING\r\n'.repeat(131_100)],
    ['upstream', '+PONG\r\n'],
  ]);
  expect(events).toHaveLength(131_073);
  expect(events[0]).toMatchObject({ anomalies: ['too_many_pipelined'], redis: { reply: 'unpaired' } });
  expect(state).toMatchObject({ openExchanges: 0, phase: 'idle' });
});

describe('a run of like commands in a pipeline', () => {
  const counts = (events: { redis: { count: number } | null }[]) => events.map(({ redis }) => redis!.count);

  it('is told one by one up to sixteen, the rest by the thousand, with nothing lost', () => {
    const { events, state } = play([
      ['client', command('PING').repeat(2100)],
      ['upstream', '+PONG\r\n'.repeat(2100)],
    ]);
    expect(counts(events)).toEqual([...Array(16).fill(1), 1000, 1000, 84]);
    expect(events.reduce((sum, { bytes_in }) => sum + bytes_in, 0)).toBe(2100 * 14);
    expect(events.reduce((sum, { bytes_out }) => sum + bytes_out, 0)).toBe(2100 * 7);
    expect(state).toMatchObject({ openExchanges: 0, completedExchanges: 2100 });
  });

  it('ends with another command, another reply, an error, or a command that was sent after the reply', () => {
    const ping = command('PING');
    const pong = '+PONG\r\n';
    const run = (extra: string, reply: string) =>
      counts(
        play([
          ['client', ping.repeat(20) + extra + ping.repeat(3)],
          ['upstream', pong.repeat(20) + reply + pong.repeat(3)],
        ]).events,
      );
    const both = [...Array(16).fill(1), 4, 1, 1, 1, 1];
    expect(run(command('DBSIZE'), ':1\r\n')).toEqual(both);
    expect(run(command('PING', 'x'), pong)).toEqual(both);
    expect(run(ping, '$4\r\nPONG\r\n')).toEqual(both);
    expect(run(ping, '-LOADING Redis is loading the dataset in memory\r\n')).toEqual(both);
    const oneByOne = Array.from(
      { length: 40 },
      (_, nth) => [nth % 2 === 0 ? 'client' : 'upstream', nth % 2 === 0 ? ping : pong] as const,
    );
    expect(counts(play(oneByOne).events)).toEqual(Array(20).fill(1));
  });

  it('is told as far as it came when the connection ends, or the upstream breaks off', () => {
    for (const rest of ['', '?\r\n']) {
      const { events } = play([
        ['client', command('PING').repeat(20)],
        ['upstream', `${'+PONG\r\n'.repeat(18)}${rest}`],
      ]);
      expect(counts(events)).toEqual([...Array(16).fill(1), 2, 1, 1]);
      expect(events.slice(-2).map(({ redis }) => redis!.reply)).toEqual(['none', 'none']);
    }
  });
});
