import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import schema from '../protos/records/records.schema.json' with { type: 'json' };

/** The whole program as its users run it: a process, its signals, its files. */
const bin = fileURLToPath(new URL('./bin.mjs', import.meta.url));
const validate = new Ajv2020({ allErrors: true }).compile(schema);
let folder: string;
let upstream: Server;
let upstreamSockets: Socket[];
let children: ChildProcess[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wiretracer-headless-'));
  upstreamSockets = [];
  children = [];
  upstream = createServer((socket) => {
    upstreamSockets.push(socket);
    socket.on('error', () => socket.destroy()).resume();
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
});

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  for (const socket of upstreamSockets) socket.destroy();
  upstream.close();
  rmSync(folder, { recursive: true });
});

function writeConfig(listen = '127.0.0.1:0'): void {
  const { port } = upstream.address() as AddressInfo;
  writeFileSync(
    join(folder, 'config.yaml'),
    `shutdown_grace: 600
listeners:
  - name: plain
    listen: "${listen}"
    proxy_protocol: {mode: off}
    upstream: {addr: "127.0.0.1:${port}"}
    logging: {jsonl_path: records.jsonl}
`,
  );
}

type Program = { child: ChildProcess; port: number; exit: Promise<[number | null, string | null]> };

async function start(...args: string[]): Promise<Program> {
  const child = spawn(process.execPath, [bin, '--headless', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const exit = once(child, 'exit') as Program['exit'];
  const [line] = (await once(createInterface(child.stderr!), 'line')) as [string];
  const match = /^wiretracer: plain listens on 127\.0\.0\.1:(\d+)$/.exec(line);
  expect(match, line).not.toBeNull();
  return { child, port: Number(match![1]), exit };
}

/** A client whose request reached the upstream: an answer from there can no longer come before it. */
async function connected(port: number): Promise<Socket> {
  const arrived = once(upstream, 'connection').then(([socket]) => once(socket, 'data'));
  const client = connect(port, '127.0.0.1');
  client.on('error', () => client.destroy());
  client.resume();
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await arrived;
  return client;
}

const rows = (file = 'records.jsonl') =>
  readFileSync(join(folder, file), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

const portIn = (listening: string): number => JSON.parse(listening).port;

const operatorLog = () => rows('wiretracer.log').map(({ level, msg }) => `${level} ${msg}`);

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s ends it with 0 and a stop record', async (signal) => {
  writeConfig();
  const { child, exit, port } = await start();
  child.kill(signal);
  expect(await exit).toEqual([0, null]);
  expect(rows()).toMatchObject([
    { event: 'start' },
    { event: 'ready', listeners: [{ name: 'plain', host: '127.0.0.1', port }] },
    { event: 'stop', written: 2, dropped: 0 },
  ]);
  expect(operatorLog()).toEqual(['INFO listening', 'INFO signal: draining', 'INFO stopping', 'INFO stopped']);
  for (const file of ['records.jsonl', 'wiretracer.log']) {
    expect(statSync(join(folder, file)).mode & 0o777, file).toBe(0o600);
  }
});

test('SIGHUP drains too when nobody reads standard error any more, where the log goes', async () => {
  writeConfig();
  const child = spawn(process.execPath, [bin, '--headless', '--log', '-'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const exit = once(child, 'exit');
  const [line] = (await once(createInterface(child.stderr!), 'line')) as [string];
  const client = await connected(portIn(line));
  child.stderr!.destroy();
  await once(child.stderr!, 'close');
  child.kill('SIGHUP');
  client.end();
  for (const socket of upstreamSockets) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  expect(await exit).toEqual([0, null]);
  expect(lastTwo()).toEqual(['conn close', 'meta stop']);
});

test('an open connection is waited for, and its close record comes before the stop record', async () => {
  writeConfig();
  const { child, exit, port } = await start();
  const client = await connected(port);
  child.kill('SIGTERM');
  await refused(port);
  client.end();
  for (const socket of upstreamSockets) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  expect(await exit).toEqual([0, null]);
  expect(lastTwo()).toEqual(['conn close', 'meta stop']);
  const exchange = rows().find(({ kind }) => kind === 'event');
  const ofConnection = rows().filter((row) => row.conn_id === exchange.conn_id);
  expect(ofConnection.map(({ kind, event }) => event ?? kind)).toEqual(['open', 'event', 'close']);
  for (const row of rows()) {
    validate(row);
    expect(validate.errors).toBeNull();
  }
});

test.each([
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)(
  'a second signal, %s, ends it at once, with the close record, the stop record and %d',
  async (signal, code) => {
    writeConfig();
    const { child, exit, port } = await start();
    await connected(port);
    child.kill(signal);
    await refused(port);
    child.kill(signal);
    expect(await exit).toEqual([code, null]);
    expect(lastTwo()).toEqual(['conn close', 'meta stop']);
    expect(rows().at(-2)).toMatchObject({ cause: 'shutdown', closed_by: 'proxy' });
  },
);

test('a second run appends to the same records', async () => {
  writeConfig();
  for (let run = 0; run < 2; run++) {
    const { child, exit } = await start();
    child.kill('SIGTERM');
    await exit;
  }
  expect(rows().map(({ event, seq }) => `${event} ${seq}`)).toEqual(
    [...Array(2)].flatMap(() => ['start 0', 'ready 1', 'stop 2']),
  );
});

test('records on standard output; a reader that goes away does not end the proxy', async () => {
  writeConfig();
  const { child, exit, port } = await start('--jsonl', '-');
  const lines = createInterface(child.stdout!);
  const events: string[] = [];
  for await (const line of lines) {
    events.push(JSON.parse(line).event);
    if (events.length === 2) break;
  }
  expect(events).toEqual(['start', 'ready']);
  child.stdout!.destroy();
  (await connected(port)).destroy();
  await once(upstreamSockets[0]!, 'close');
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
  expect(existsSync(join(folder, 'records.jsonl'))).toBe(false);
  expect(operatorLog().filter((line) => line.startsWith('ERROR'))).toEqual([
    'ERROR records cannot be written',
  ]);
});

test.skipIf(!existsSync('/dev/full'))(
  'a full disk (/dev/full, where there is one) does not end the proxy',
  async () => {
    writeConfig();
    const { child, exit, port } = await start('--jsonl', '/dev/full');
    (await connected(port)).destroy();
    await once(upstreamSockets[0]!, 'close');
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    const errors = rows('wiretracer.log').filter(({ level }) => level === 'ERROR');
    expect(errors).toMatchObject([{ path: '/dev/full', error: 'ENOSPC: no space left on device, write' }]);
  },
);

test('an address that is taken ends it with 1, in words', async () => {
  const { port } = upstream.address() as AddressInfo;
  writeConfig(`127.0.0.1:${port}`);
  const child = spawn(process.execPath, [bin, '--headless'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  children.push(child);
  let stderr = '';
  child.stderr!.on('data', (chunk) => {
    stderr += chunk;
  });
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(stderr).toBe(
    `./config.yaml:4:13: listener "plain" cannot listen on 127.0.0.1:${port}: another program already listens there; stop it or choose another port\n`,
  );
  expect(rows().map(({ event }) => event)).toEqual(['start', 'stop']);
});

test('a log that cannot be opened is told, and standard error takes its place', async () => {
  writeConfig();
  const child = spawn(process.execPath, [bin, '--headless', '--log', folder], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  children.push(child);
  const lines = createInterface(child.stderr!);
  const seen: string[] = [];
  for await (const line of lines) {
    seen.push(line);
    if (line.includes('listens on')) child.kill('SIGTERM');
  }
  expect(seen[0]).toContain(`wiretracer: cannot open the log ${folder}: EISDIR`);
  expect(seen.some((line) => line.includes('"msg":"stopped"'))).toBe(true);
});

const lastTwo = () =>
  rows()
    .slice(-2)
    .map(({ kind, event }) => `${kind} ${event}`);

/** Resolves once nobody listens on a port any more. */
async function refused(port: number): Promise<void> {
  for (;;) {
    const probe = connect(port, '127.0.0.1');
    const code = await new Promise<string>((resolve) => {
      probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
      probe.once('connect', () => resolve('connected'));
    });
    probe.destroy();
    if (code === 'ECONNREFUSED') return;
  }
}
