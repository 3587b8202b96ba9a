import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { libuvHidesResets, needsResets, open, rawExchange } from '../testing.ts';

describe('TCP faults', () => {
  it('tcp-accept-fin ends before any byte', async () => {
    const server = await open({ kind: 'raw', fault: { id: 'tcp-accept-fin' } });
    expect(await rawExchange(server.port, '')).toMatchObject({ end: 'fin', received: Buffer.alloc(0) });
    expect(await server.until('fault')).toMatchObject({ fault: 'tcp-accept-fin' });
    expect(await server.until('close')).toMatchObject({ by: 'self', bytes_out: 0 });
  });

  it('tcp-accept-rst resets before any byte', async () => {
    const server = await open({ kind: 'raw', fault: { id: 'tcp-accept-rst' } });
    expect(await rawExchange(server.port, '')).toMatchObject({ end: 'rst', received: Buffer.alloc(0) });
    expect(await server.until('close')).toMatchObject({ by: 'self', peer_end: null });
  });

  it('tcp-accept-rst waits for the first bytes where that is asked for', async () => {
    const fault = { id: 'tcp-accept-rst', params: { wait_for: 'bytes', ms: 0 } };
    const server = await open({ kind: 'raw', fault });
    const socket = connect(server.port, '127.0.0.1');
    const error = once(socket, 'error');
    await server.until('open');
    socket.write('GET / HTTP/1.1\r\n\r\n');
    expect(await error).toMatchObject([{ code: 'ECONNRESET' }]);
    expect(await server.until('close')).toMatchObject({
      by: 'self',
      peer_end: null,
      bytes_in: 18,
      bytes_out: 0,
    });
  });

  it('tcp-accept-silence lets the peer wait until it leaves', async () => {
    const server = await open({ kind: 'raw', fault: { id: 'tcp-accept-silence' } });
    const socket = connect(server.port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await server.until('fault');
    socket.end();
    expect(await server.until('close')).toMatchObject({ by: 'peer', peer_end: 'fin', bytes_out: 0 });
  });

  it.each(['fin', 'rst'] as const)('tcp-close-after-bytes by %s, after the PROXY header', async (how) => {
    const server = await open({ kind: 'raw', fault: { id: 'tcp-close-after-bytes', params: { n: 3, how } } });
    const header = 'PROXY TCP4 203.0.113.10 192.0.2.10 54321 443\r\n';
    expect(await rawExchange(server.port, `${header}abc`)).toMatchObject({ end: how });
    expect(await server.until('proxy')).toMatchObject({ version: 'v1', src: '203.0.113.10:54321' });
    expect(await server.until('fault')).toMatchObject({ detail: `${how} after 3 bytes` });
  });

  it('tcp-script answers each turn once it has its bytes, over any number of segments', async () => {
    const turns = [
      { take: 0, say: 'hello ' },
      { take: 3, say: 'one ' },
      { take: 2, say: 'two' },
    ];
    const server = await open({ kind: 'raw', fault: { id: 'tcp-script', params: { turns, end: 'fin' } } });
    const answer = await rawExchange(server.port, 'abcde');
    expect(answer).toMatchObject({ end: 'fin' });
    expect(answer.received.toString()).toBe('hello one two');
    expect(await server.until('fault')).toMatchObject({ detail: '3 turns, then fin' });
  });

  it('tcp-connect-refused refuses every time', async () => {
    const server = await open({ kind: 'raw', fault: { id: 'tcp-connect-refused' } });
    for (let attempt = 0; attempt < 2; attempt++) {
      const [error] = await once(connect(server.port, '127.0.0.1'), 'error').catch((failed) => [failed]);
      expect(error.code).toBe('ECONNREFUSED');
    }
  });

  it.skipIf(process.platform !== 'linux')('tcp-connect-blackhole answers no SYN (Linux)', async () => {
    const server = await open({ kind: 'raw', fault: { id: 'tcp-connect-blackhole' } });
    const socket = connect(server.port, '127.0.0.1');
    const outcome = await Promise.race([
      once(socket, 'connect').then(() => 'connected'),
      new Promise((resolve) => setTimeout(() => resolve('nothing'), 200)),
    ]);
    socket.on('error', () => {});
    socket.destroy();
    expect(outcome).toBe('nothing');
  });
});

/** How a TLS client's handshake ended; `nothing` when it had not by the time that `silent` resolves. */
async function handshake(port: number, silent?: Promise<unknown>): Promise<string> {
  const tls = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
  const outcome = await Promise.race([
    once(tls, 'secureConnect').then(() => 'ok'),
    once(tls, 'error').then(([error]: NodeJS.ErrnoException[]) => `${error?.code} ${error?.message}`),
    ...(silent ? [silent.then(() => 'nothing')] : []),
  ]).catch((error: NodeJS.ErrnoException) => `${error.code} ${error.message}`);
  tls.on('error', () => {});
  tls.destroy();
  return outcome;
}

const disconnected =
  'ECONNRESET Client network socket disconnected before secure TLS connection was established';

describe('TLS faults as Node sees them', () => {
  const check = async (id: string, params: object, sees: string) => {
    const server = await open({ kind: 'raw', tls: {}, fault: { id, params: params as never } });
    const silent = sees === 'nothing' ? server.until('fault') : undefined;
    expect(await handshake(server.port, silent)).toContain(sees);
    expect(await server.until('fault')).toMatchObject({ fault: id });
    await server.until('close');
    expect(server.seen.some(({ observation }) => observation === 'tls')).toBe(false);
  };

  it.each<[string, object, string]>([
    ['tls-alert', { code: 40 }, 'HANDSHAKE_FAILURE'],
    ['tls-alert', { code: 120 }, 'NO_APPLICATION_PROTOCOL'],
    ['tls-alert', { code: 70 }, 'PROTOCOL_VERSION'],
    ['tls-stall', {}, 'nothing'],
    ['tls-stall', { stage: 'after_hello' }, 'nothing'],
    ['tls-close', {}, disconnected],
    ['tls-close', { stage: 'after_hello' }, disconnected],
    ['tls-close', { how: 'rst' }, 'ECONNRESET read ECONNRESET'],
    ['tls-speak-plain', {}, 'ERR_SSL_WRONG_VERSION_NUMBER'],
  ])('%s %o', check);

  it.skipIf(libuvHidesResets)(`tls-close by rst after the ClientHello (${needsResets})`, () =>
    check('tls-close', { how: 'rst', stage: 'after_hello' }, 'ECONNRESET read ECONNRESET'),
  );

  it('tls-no-close-notify ends TCP after an answer, without the alert', async () => {
    const server = await open({ kind: 'raw', tls: {}, fault: { id: 'tls-no-close-notify' } });
    const { answer, records } = await tlsGet(server.port);
    expect(answer).toContain('half a body');
    expect(server.seen.some(({ observation }) => observation === 'fault')).toBe(true);
    expect(records.at(-1)).toMatchObject({ end: 'fin' });
    // TLS 1.2 shows the type of every record: the last one carries data (23), no alert (21).
    expect(records.filter(({ type }) => type === 21)).toEqual([]);
  });
});

type Wire = { type: number | null; end: 'fin' | null };

/** A TLS 1.2 request through a plain socket of our own, so that the records are seen as they come. */
async function tlsGet(port: number): Promise<{ answer: string; records: Wire[] }> {
  const raw: Socket = connect(port, '127.0.0.1');
  await once(raw, 'connect');
  const { Duplex } = await import('node:stream');
  let wire: Buffer = Buffer.alloc(0);
  const through = new Duplex({
    read() {},
    write: (chunk: Buffer, _encoding, done) => void raw.write(chunk, () => done()),
  });
  let ended = false;
  raw.on('data', (chunk: Buffer) => {
    wire = Buffer.concat([wire, chunk]);
    through.push(chunk);
  });
  raw.on('end', () => {
    ended = true;
    through.push(null);
  });
  const tls: TLSSocket = connectTls({ socket: through, rejectUnauthorized: false, maxVersion: 'TLSv1.2' });
  let answer = '';
  tls.on('data', (chunk: Buffer) => {
    answer += chunk;
  });
  tls.on('error', () => {});
  tls.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(raw, 'end');
  await new Promise((resolve) => setImmediate(resolve));
  raw.destroy();
  const records: Wire[] = [];
  for (let at = 0; at + 5 <= wire.length; at += 5 + wire.readUInt16BE(at + 3)) {
    records.push({ type: wire[at] ?? 0, end: null });
  }
  records.push({ type: null, end: ended ? 'fin' : null });
  return { answer, records };
}
