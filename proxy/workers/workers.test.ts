import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect as connectTls } from 'node:tls';
import { expect, test } from 'vitest';
import { issueFixtures } from '../../protos/certificates/fixtures.ts';
import {
  bin,
  children,
  closesOf,
  connected,
  folder,
  hasPgrep,
  httpUpstream,
  ofEvent,
  type Row,
  refused,
  request,
  rows,
  silentUpstream,
  sockets,
  start,
  validate,
  workersOf,
  writeConfig,
} from './testing.ts';

test('200 connections over two workers leave one file: whole lines, no gap, every connection opened and closed', async () => {
  writeConfig([{ port: await httpUpstream() }]);
  const { child, ports, exit } = await start(1);
  for (let round = 0; round < 4; round++) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => request(ports[0]!)));
    expect(new Set(answers)).toEqual(new Set(['ok']));
  }
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
  const all = rows();
  for (const row of all) {
    validate(row);
    expect(validate.errors).toBeNull();
  }
  expect(all.map(({ seq }) => seq)).toEqual(all.map((_, index) => index));
  expect(all.filter(({ kind }) => kind === 'meta').map(({ event }) => event)).toEqual([
    'start',
    'ready',
    'stop',
  ]);
  expect([all[0], all[1], all.at(-1)].map((row) => row!.kind)).toEqual(['meta', 'meta', 'meta']);
  expect(all.at(-1)).toMatchObject({ written: all.length - 1, dropped: 0, pid: child.pid });
  expect(ofEvent('open')).toHaveLength(200);
  expect(new Set(ofEvent('close').map((row) => row.conn_id))).toEqual(
    new Set(ofEvent('open').map((row) => row.conn_id)),
  );
  expect(all.filter(({ kind }) => kind === 'event')).toHaveLength(200);
  const byConnection = Map.groupBy(
    all.filter(({ kind }) => kind !== 'meta'),
    (row) => row.conn_id,
  );
  for (const own of byConnection.values()) {
    expect(own.map(({ kind, event }) => event ?? kind)).toEqual(['open', 'event', 'close']);
  }
});

test('SIGTERM waits for the connections of both workers', async () => {
  const { port, arrivals } = await silentUpstream();
  writeConfig([{ port }]);
  const { child, ports, exit } = await start(1);
  const clients = [await connected(ports[0]!, arrivals), await connected(ports[0]!, arrivals)];
  const clientPorts = clients.map(({ localPort }) => localPort!);
  child.kill('SIGTERM');
  await refused(ports[0]!);
  for (const client of clients) client.end();
  for (const socket of sockets) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  expect(await exit).toEqual([0, null]);
  expect(closesOf(clientPorts)).toMatchObject([{ cause: 'graceful' }, { cause: 'graceful' }]);
  expect(rows().at(-1)).toMatchObject({ event: 'stop', written: rows().length - 1, dropped: 0 });
});

test('a second signal ends the connections of both workers at once, with their records', async () => {
  const { port, arrivals } = await silentUpstream();
  writeConfig([{ port }]);
  const { child, ports, exit } = await start(1);
  const clients = [await connected(ports[0]!, arrivals), await connected(ports[0]!, arrivals)];
  const clientPorts = clients.map(({ localPort }) => localPort!);
  child.kill('SIGTERM');
  await refused(ports[0]!);
  child.kill('SIGTERM');
  expect(await exit).toEqual([143, null]);
  expect(closesOf(clientPorts)).toMatchObject([{ cause: 'shutdown' }, { cause: 'shutdown' }]);
  expect(rows().at(-1)).toMatchObject({ event: 'stop' });
});

test.skipIf(!hasPgrep).each(['SIGTERM', 'SIGHUP'])(
  '%s to the whole group reaches the workers too, which leave it to the primary',
  async (signal) => {
    const { port, arrivals } = await silentUpstream();
    writeConfig([{ port }]);
    const { child, ports, exit } = await start(1);
    const client = await connected(ports[0]!, arrivals);
    const clientPort = client.localPort!;
    for (const pid of [...workersOf(child), child.pid!]) process.kill(pid, signal);
    await refused(ports[0]!);
    client.end();
    for (const socket of sockets) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    expect(await exit).toEqual([0, null]);
    expect(closesOf([clientPort])).toMatchObject([{ cause: 'graceful' }]);
  },
);

test('max_connections counts the connections of all workers, first come, first served', async () => {
  const { port, arrivals } = await silentUpstream();
  const policy = '    policy: {max_connections: 1, maxconn_wait_warn_ms: 0}\n';
  writeConfig([{ port, more: policy }]);
  const { child, ports, exit } = await start(1);
  const first = await connected(ports[0]!, arrivals);
  const second = connect(ports[0]!, '127.0.0.1');
  sockets.push(second);
  second.on('error', () => second.destroy()).resume();
  await once(second, 'connect');
  second.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  const [firstPort, secondPort] = [first.localPort, second.localPort];
  first.destroy();
  await arrivals.next();
  second.destroy();
  child.kill('SIGTERM');
  await exit;
  // The first one, alone, did not wait; asking another process for its slot is no wait.
  expect(ofEvent('wait').map((row) => row.client_port)).toEqual([secondPort]);
  expect(ofEvent('close').map((row) => row.client_port)).toContain(firstPort);
});

test('two listeners on free ports are the same two in every worker', async () => {
  writeConfig([
    { name: 'a', port: await httpUpstream('from a') },
    { name: 'b', port: await httpUpstream('from b') },
  ]);
  const { child, ports, exit } = await start(2);
  for (let n = 0; n < 4; n++) {
    expect(await request(ports[0]!)).toBe('from a');
    expect(await request(ports[1]!)).toBe('from b');
  }
  child.kill('SIGTERM');
  await exit;
});

test('a TLS session that one worker began is resumed by the other', async () => {
  const { server, ca } = await issueFixtures();
  for (const [name, text] of Object.entries({ 'c.pem': server.cert, 'k.pem': server.key })) {
    writeFileSync(join(folder, name), text);
  }
  writeConfig([{ port: await httpUpstream(), more: '    tls: {cert: c.pem, key: k.pem}\n' }]);
  const { child, ports, exit } = await start(1);
  let session: Buffer | undefined;
  const reused: boolean[] = [];
  for (let n = 0; n < 4; n++) {
    const client = connectTls({
      port: ports[0]!,
      ca: ca.cert,
      servername: 'localhost',
      session,
      ALPNProtocols: ['http/1.1'],
    });
    client.on('session', (ticket) => {
      session = ticket;
    });
    await once(client, 'secureConnect');
    reused.push(client.isSessionReused());
    client.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    client.resume();
    await once(client, 'end');
    client.end();
  }
  expect(reused).toEqual([false, true, true, true]);
  child.kill('SIGTERM');
  await exit;
});

test('an address that is taken is told once, and nothing stays', async () => {
  const port = await httpUpstream();
  writeConfig([{ port, listen: `127.0.0.1:${port}` }]);
  const child = spawn(process.execPath, [bin, '--headless'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.push(child);
  let stderr = '';
  child.stderr!.on('data', (chunk) => {
    stderr += chunk;
  });
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(stderr).toBe(
    `./config.yaml:5:13: listener "plain" cannot listen on 127.0.0.1:${port}: another program already listens there; stop it or choose another port\n`,
  );
  expect(rows().map(({ event }) => event)).toEqual(['start', 'stop']);
});

test('records on standard output are whole and numbered through', async () => {
  writeConfig([{ port: await httpUpstream() }]);
  const { child, ports, exit } = await start(1, {}, ['--jsonl', '-']);
  const lines: Row[] = [];
  const read = (async () => {
    for await (const line of createInterface(child.stdout!)) lines.push(JSON.parse(line));
  })();
  await Promise.all(Array.from({ length: 40 }, () => request(ports[0]!)));
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
  await read;
  expect(lines.map(({ seq }) => seq)).toEqual(Array.from({ length: 123 }, (_, n) => n));
  expect(lines.at(-1)).toMatchObject({ event: 'stop', written: 122, dropped: 0 });
});
