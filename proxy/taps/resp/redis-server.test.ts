import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCleanup, type FakeLog, openProxy } from '../../connection/testing.ts';
import { command } from './play.fixture.ts';
import { cli, hasRedis, orSkipped, run, startRedis, talk } from './redis-server.fixture.ts';

/** The oracle is the server itself: what it answered is in its replies, and what it counted in INFO. */
describe.skipIf(!hasRedis)(`a real redis-server behind the proxy${orSkipped}`, () => {
  const cleanup = createCleanup();
  let redis: number;
  let proxy: number;
  let log: FakeLog;

  beforeAll(async () => {
    const server = await startRedis();
    cleanup.add(() => server.stop());
    redis = server.port;
    const opened = await openProxy(cleanup, { tls: null, upstreamTls: null, upstreamPort: redis });
    log = opened.log;
    proxy = opened.port;
  });
  afterAll(() => cleanup.run());

  /** The events of the connections that `work` opens, once all are closed. */
  async function eventsOf(work: () => Promise<unknown>, to: FakeLog = log) {
    const before = to.rows.length;
    await work();
    const count = (event: string) =>
      to.rows.filter((row) => row.kind === 'conn' && row.event === event).length;
    await to.until(1, () => to.rows.length > before && count('open') === count('close'));
    const since = to.rows.slice(before);
    const rows = since.filter(({ kind }) => kind === 'event');
    const close = since.findLast(({ event }) => event === 'close')!;
    return { events: rows.map((row) => row.redis as Record<string, unknown>), rows, close };
  }

  it('tells each command of redis-cli by name and by what came back', async () => {
    const { events, close } = await eventsOf(() =>
      talk(
        proxy,
        Buffer.from(
          'PING\r\nacl whoami\r\nset k "a b"\r\nlpush k 1\r\nclient setname it\r\nnosuch x\r\nquit\r\n',
        ),
        1000,
      ),
    );
    expect(
      events.map(({ command, subcommand, reply_type, error_code }) => [
        command,
        subcommand,
        reply_type,
        error_code,
      ]),
    ).toEqual([
      ['PING', null, 'simple_string', null],
      ['ACL', 'WHOAMI', 'bulk_string', null],
      ['SET', null, 'simple_string', null],
      ['LPUSH', null, 'error', 'WRONGTYPE'],
      ['CLIENT', 'SETNAME', 'simple_string', null],
      [null, null, 'error', 'ERR'],
      ['QUIT', null, 'simple_string', null],
    ]);
    expect(events.map(({ arg_count }) => arg_count)).toEqual([0, 1, 2, 2, 2, 1, 0]);
    expect(events.map(({ client_name }) => client_name)).toEqual([null, null, null, null, 'it', 'it', 'it']);
    expect(close).toMatchObject({ protocol: 'redis', cause: 'graceful', term: '--', closed_by: 'upstream' });
  });

  /** Commands with the type of reply each always has; none writes a key another reads. */
  const known: [string[], string][] = [
    [['PING'], 'simple_string'],
    [['PING', 'x'], 'bulk_string'],
    [['ECHO', 'x'.repeat(3000)], 'bulk_string'],
    [['GET', 'missing'], 'null'],
    [['LRANGE', 'missing', '0', '-1'], 'array'],
    [['EXISTS', 'missing'], 'integer'],
    [['EVAL', 'return {1,{2,{}},false,redis.status_reply("QUEUED"),"x"}', '0'], 'array'],
    [['EVAL', 'return redis.error_reply("MYERR secret")', '0'], 'error'],
    [['SET', 'k'], 'error'],
    [['INCR', 'not-a-number'], 'error'],
    [['COMMAND', 'COUNT'], 'integer'],
    [['CONFIG', 'GET', 'port'], 'array'],
    [['OBJECT', 'ENCODING', 'missing'], 'null'],
    [['SUBSCRIBE', 'a', 'b', 'a'], 'array'],
    [['UNSUBSCRIBE'], 'array'],
    [['UNSUBSCRIBE', 'a', 'zz'], 'array'],
    [['PSUBSCRIBE', 'p*'], 'array'],
    [['PUNSUBSCRIBE'], 'array'],
    [['SSUBSCRIBE', 's1', 's2'], 'array'],
    [['SUNSUBSCRIBE'], 'array'],
  ];
  const inPubSub = /SUBSCRIBE|PING/;

  it('pairs any pipeline, cut anywhere, with the replies it has alone', async () => {
    await cli(redis, 'SET', 'not-a-number', 'x');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...known), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 2000 }),
        async (chosen, size) => {
          // In RESP2 a subscriber may say little else: leave every channel before each other command.
          const leave: [string[], string][] = [
            [['UNSUBSCRIBE'], 'array'],
            [['PUNSUBSCRIBE'], 'array'],
            [['SUNSUBSCRIBE'], 'array'],
          ];
          const sent = chosen.flatMap((one): [string[], string][] =>
            inPubSub.test(one[0][0]!) && one[0][0] !== 'PING' ? [one] : [...leave, one],
          );
          const bytes =
            sent.map(([words]) => command(...words)).join('') + command('RESET') + command('QUIT');
          const { events, rows, close } = await eventsOf(() => talk(proxy, Buffer.from(bytes), size));
          expect(events.map((event) => [event.command, event.reply_type])).toEqual([
            ...sent.map(([words, type]) => [words[0], type]),
            ['RESET', 'simple_string'],
            ['QUIT', 'simple_string'],
          ]);
          expect(rows.reduce((sum, row) => sum + Number(row.bytes_in), 0)).toBe(close.bytes_in);
          expect(rows.reduce((sum, row) => sum + Number(row.bytes_out), 0)).toBe(close.bytes_out);
          expect(JSON.stringify(rows)).not.toContain('secret');
        },
      ),
      { numRuns: 40 },
    );
  });

  it('counts what the server counts: calls by command and errors by code', async () => {
    await cli(redis, 'CONFIG', 'RESETSTAT');
    await cli(redis, 'SET', 'k', 'v');
    const { events } = await eventsOf(async () => {
      for (const args of [
        ['-n', '4000', '-P', '100', '-q'],
        ['-n', '100', '-q', '-3'],
      ]) {
        await run(
          'redis-benchmark',
          '-p',
          String(proxy),
          '-c',
          '5',
          '-t',
          'ping_mbulk,set,get,lpush,mset',
          ...args,
        );
      }
      for (let nth = 0; nth < 3; nth++) await cli(proxy, 'LPUSH', 'k', 'x');
      await cli(proxy, 'EVALSHA', 'x'.repeat(40), '0');
      await cli(proxy, 'CLUSTER', 'INFO');
    });
    const stats = await cli(redis, 'INFO', 'commandstats');
    const errors = await cli(redis, 'INFO', 'errorstats');
    for (const name of ['ping', 'set', 'get', 'lpush', 'mset', 'evalsha']) {
      const seen = events
        .filter(({ command }) => command === name.toUpperCase())
        .reduce((sum, { count }) => sum + Number(count), 0);
      const [, calls, , rejected] = new RegExp(
        `cmdstat_${name}:calls=(\\d+),.*?(rejected_calls=(\\d+))`,
      ).exec(stats)!;
      // One SET came directly.
      expect([name, seen]).toEqual([name, Number(calls) + Number(rejected) - (name === 'set' ? 1 : 0)]);
    }
    for (const [, code, count] of errors.matchAll(/errorstat_(\w+):count=(\d+)/g))
      expect([code, events.filter(({ error_code }) => error_code === code).length]).toEqual([
        code,
        Number(count),
      ]);
    expect(errors).toContain('errorstat_WRONGTYPE:count=3');
  });

  it('follows HELLO 3, pushed messages and transactions', async () => {
    const { socket: subscriber, until } = dial(proxy);
    const { events, rows } = await eventsOf(async () => {
      subscriber.write(command('HELLO', '3', 'SETNAME', 'me') + command('SUBSCRIBE', 'a', 'b'));
      await until(/\$1\r\nb\r\n:2\r\n/);
      for (let nth = 0; nth < 3; nth++) await cli(redis, 'PUBLISH', 'a', 'message');
      subscriber.write(
        command('MULTI') +
          command('SET', 't', 'x') +
          command('LPUSH', 't', 'y') +
          command('EXEC') +
          command('PING'),
      );
      await until(/\+PONG/);
      subscriber.end(command('QUIT'));
      await once(subscriber, 'close');
    });
    expect(
      events.map(({ command, reply, reply_type, error_code }) => [command, reply, reply_type, error_code]),
    ).toEqual([
      ['HELLO', 'answered', 'map', null],
      ['SUBSCRIBE', 'answered', 'push', null],
      ['MULTI', 'answered', 'simple_string', null],
      ['SET', 'queued', 'simple_string', null],
      ['LPUSH', 'queued', 'simple_string', null],
      ['EXEC', 'answered', 'array', 'WRONGTYPE'],
      ['PING', 'answered', 'simple_string', null],
      ['QUIT', 'answered', 'simple_string', null],
    ]);
    expect(events.reduce((sum, { pushes }) => sum + Number(pushes), 0)).toBe(3);
    expect(events.every(({ resp_version, client_name }) => resp_version === 3 && client_name === 'me')).toBe(
      true,
    );
    expect(rows[5]).toMatchObject({ cause: 'redis_error:WRONGTYPE', flags: ['error'] });
  });

  it('follows CLIENT REPLY, which leaves commands without a reply', async () => {
    const commands = [
      ['CLIENT', 'REPLY', 'SKIP'],
      ['PING'],
      ['ECHO', 'x'],
      ['CLIENT', 'REPLY', 'OFF'],
      ['PING'],
      ['GET', 'missing'],
      ['CLIENT', 'REPLY', 'ON'],
      ['GET', 'missing'],
      ['QUIT'],
    ];
    const { events } = await eventsOf(() =>
      talk(proxy, Buffer.from(commands.map((words) => command(...words)).join('')), 7),
    );
    expect(events.map(({ command, reply }) => `${command} ${reply}`).sort()).toEqual(
      [
        'CLIENT suppressed',
        'PING suppressed',
        'ECHO answered',
        'CLIENT suppressed',
        'PING suppressed',
        'GET suppressed',
        'CLIENT answered',
        'GET answered',
        'QUIT answered',
      ].sort(),
    );
    expect(events.filter(({ reply_type }) => reply_type === 'null')).toHaveLength(1);
  });

  it('stops pairing where MONITOR and PSYNC begin a stream', async () => {
    const { events } = await eventsOf(async () => {
      const { socket: monitor, until } = dial(proxy);
      monitor.write(command('MONITOR'));
      await until(/\+OK/);
      await cli(redis, 'PING');
      await until(/"PING"/i);
      monitor.end();
      await once(monitor, 'close');
    });
    expect(events).toMatchObject([{ command: 'MONITOR', reply: 'stream' }]);
    await cli(redis, 'CONFIG', 'SET', 'repl-diskless-sync-delay', '0');
    for (const name of ['PSYNC', 'SYNC']) {
      const replica = await eventsOf(async () => {
        const { socket, until } = dial(proxy);
        socket.write(command('REPLCONF', 'capa', 'eof'));
        await until(/OK/);
        socket.write(name === 'SYNC' ? command('SYNC') : command('PSYNC', '?', '-1'));
        await until(/REDIS\d{4}/);
        socket.destroy();
      });
      expect(replica.events.map(({ command, reply }) => `${command} ${reply}`)).toEqual([
        'REPLCONF answered',
        `${name} stream`,
      ]);
    }
  });

  it('tells a wrong password, a missing one, a missing right, and what was no RESP; never a secret', async () => {
    await cli(
      redis,
      'ACL',
      'SETUSER',
      'narrow',
      'on',
      '>narrow-secret',
      'resetchannels',
      '+@all',
      '-get',
      '~*',
    );
    await cli(redis, 'CONFIG', 'SET', 'requirepass', 'right-secret');
    const commands = [
      ['GET', 'k'],
      ['AUTH', 'wrong-secret'],
      ['HELLO', '2', 'AUTH', 'default', 'wrong-secret', 'SETNAME', 'after'],
      ['AUTH', 'narrow', 'narrow-secret'],
      ['GET', 'k'],
      ['SUBSCRIBE', '__sentinel__:hello'],
      ['ACL', 'SETUSER', 'x', '!!secret-modifier'],
      ['secret-command', 'secret-argument'],
      ['CONFIG', 'SET', 'requirepass', 'right-secret', 'secret-name'],
    ];
    const bytes = `${commands.map((words) => command(...words)).join('')}*1\r\n!secret\r\n`;
    const { events, rows, close } = await eventsOf(() => talk(proxy, Buffer.from(bytes), 1000));
    await cli(redis, '-a', 'right-secret', 'CONFIG', 'SET', 'requirepass', '');
    expect(rows.map(({ cause }) => cause)).toEqual([
      'redis_error:NOAUTH',
      'redis_error:WRONGPASS',
      'redis_error:WRONGPASS',
      null,
      'redis_error:NOPERM',
      'redis_error:NOPERM',
      'redis_error:ERR',
      'redis_error:ERR',
      'redis_error:ERR',
      'redis_error:ERR',
    ]);
    expect(rows[0]).toMatchObject({ error: 'NOAUTH Authentication required.' });
    expect(events[5]).toMatchObject({
      command: 'SUBSCRIBE',
      channel: '__sentinel__:hello',
      client_name: 'after',
    });
    expect(rows.at(-1)).toMatchObject({
      anomalies: ['bad_argument_length'],
      error: expect.stringContaining('Protocol error'),
    });
    expect(close).toMatchObject({ closed_by: 'upstream', protocol: 'redis' });
    expect(JSON.stringify(log.rows)).not.toMatch(/secret/);
  });

  it('a client that leaves while BLPOP waits is told as gone, and SHUTDOWN needs no reply', async () => {
    const gone = await eventsOf(async () => {
      const socket = connect(proxy, '127.0.0.1');
      socket.write(command('BLPOP', 'nothing', '0'));
      await once(socket, 'connect');
      socket.resetAndDestroy();
    });
    expect(gone.rows.length).toBeLessThanOrEqual(1);
    const server = await startRedis();
    const own = await openProxy(cleanup, { tls: null, upstreamTls: null, upstreamPort: server.port });
    const { rows, close } = await eventsOf(
      () => talk(own.port, Buffer.from(command('SHUTDOWN', 'NOSAVE')), 1000),
      own.log,
    );
    expect(rows).toMatchObject([{ cause: null, error: null, redis: { command: 'SHUTDOWN', reply: 'none' } }]);
    expect(close).toMatchObject({ cause: 'graceful', closed_by: 'upstream' });
    await server.stop();
  });
});

/** A client that keeps what it reads, and waits until a pattern has come. */
function dial(port: number): { socket: Socket; until(pattern: RegExp): Promise<void> } {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  return {
    socket,
    async until(pattern) {
      while (!pattern.test(text)) await once(socket, 'data');
    },
  };
}
