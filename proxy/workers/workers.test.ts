import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, get } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { issueFixtures } from '../../protos/certificates/fixtures.ts';
import schema from '../../protos/records/records.schema.json' with { type: 'json' };

/** The whole program with two workers, as its users run it. */
const bin = fileURLToPath(new URL('../bin.mjs', import.meta.url));
const validate = new Ajv2020({ allErrors: true }).compile(schema);
const hasPgrep = (() => {
  try {
    execFileSync('pgrep', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
let folder: string;
let upstreams: Server[];
let sockets: Socket[];
let children: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wiretracer-workers-'));
  upstreams = [];
  sockets = [];
  children = [];
});

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  for (const socket of sockets) socket.destroy();
  for (const server of upstreams) server.close();
  rmSync(folder, { recursive: true });
});

async function listen(server: Server): Promise<number> {
  upstreams.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const httpUpstream = (answer = 'ok'): Promise<number> =>
  listen(
    createHttpServer({ keepAlive: false } as object, (_request, response) => response.end(answer)) as Server,
  );

/** An upstream that takes everything and says nothing; `arrivals` are its sockets once they sent something. */
async function silentUpstream(): Promise<{ port: number; arrivals: AsyncIterator<Socket> }> {
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    socket.once('data', () => server.emit('arrival', socket));
    socket.resume();
  });
  const port = await listen(server);
  const iterator = on(server, 'arrival')[Symbol.asyncIterator]();
  return {
    port,
    arrivals: { next: async () => ({ done: false, value: (await iterator.next()).value![0] }) },
  };
}

type ListenerText = { name?: string; port: number; listen?: string; more?: string };

function writeConfig(listeners: ListenerText[], top = ''): void {
  const texts = listeners.map(
    ({ name = 'plain', port, listen: at = '127.0.0.1:0', more = '' }) => `  - name: ${name}
    listen: "${at}"
    proxy_protocol: {mode: off}
    upstream: {addr: "127.0.0.1:${port}"}
    logging: {jsonl_path: records.jsonl}
${more}`,
  );
  writeFileSync(
    join(folder, 'config.yaml'),
    `workers: 2\nshutdown_grace: 600\n${top}listeners:\n${texts.join('')}`,
  );
}

type Program = {
  child: ChildProcess;
  ports: number[];
  exit: Promise<[number | null, string | null]>;
  stderr: string[];
};

async function start(
  listeners: number,
  env: Record<string, string> = {},
  args: string[] = [],
): Promise<Program> {
  const child = spawn(process.execPath, [bin, '--headless', ...args], {
    cwd: folder,
    stdio: ['ignore', args.length === 0 ? 'ignore' : 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  children.push(child);
  const exit = once(child, 'exit') as Program['exit'];
  const stderr: string[] = [];
  const lines = createInterface(child.stderr!);
  const ports: number[] = [];
  await new Promise<void>((resolve) => {
    lines.on('close', resolve);
    lines.on('line', (line) => {
      stderr.push(line);
      const match = /^wiretracer: \w+ listens on 127\.0\.0\.1:(\d+)$/.exec(line);
      if (match !== null && ports.push(Number(match[1])) === listeners) resolve();
    });
  });
  expect(ports, stderr.join('\n')).toHaveLength(listeners);
  return { child, ports, exit, stderr };
}

type Row = Record<string, unknown> & { kind: string; event?: string; seq: number; conn_id: string };

const rows = (): Row[] =>
  readFileSync(join(folder, 'records.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** The workers of a running proxy. */
const workersOf = (child: ChildProcess): number[] =>
  execFileSync('pgrep', ['-P', String(child.pid)], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map(Number);

async function request(port: number): Promise<string> {
  const [response] = await once(get({ port, host: '127.0.0.1', agent: false }), 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return text;
}

/** A client whose request has reached the upstream. */
async function connected(port: number, arrivals: AsyncIterator<Socket>): Promise<Socket> {
  const client = connect(port, '127.0.0.1');
  sockets.push(client);
  client.on('error', () => client.destroy()).resume();
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await arrivals.next();
  return client;
}

const ofEvent = (event: string): Row[] => rows().filter((row) => row.kind === 'conn' && row.event === event);

/** Of some clients: before a listener is closed in every process, a probe for it may be served too. */
const closesOf = (ports: readonly number[]): Row[] =>
  ofEvent('close').filter((row) => ports.includes(row.client_port as number));

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

test.skipIf(!hasPgrep)(
  'signals to the whole group reach the workers too, which leave it to the primary',
  async () => {
    const { port, arrivals } = await silentUpstream();
    writeConfig([{ port }]);
    const { child, ports, exit } = await start(1);
    const client = await connected(ports[0]!, arrivals);
    const clientPort = client.localPort!;
    for (const pid of [...workersOf(child), child.pid!]) process.kill(pid, 'SIGTERM');
    await refused(ports[0]!);
    client.end();
    for (const socket of sockets) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    expect(await exit).toEqual([0, null]);
    expect(closesOf([clientPort])).toMatchObject([{ cause: 'graceful' }]);
  },
);

/** Makes any process of the program fail on SIGUSR2. */
const FAILING = `--import "data:text/javascript,process.on('SIGUSR2',()=>{throw new Error('planted')})"`;

test.skipIf(!hasPgrep).each([
  ['SIGKILL', {}, 'by SIGKILL'],
  ['SIGUSR2', { NODE_OPTIONS: FAILING }, 'with exit code 1'],
] as const)(
  'a worker that dies (%s) is told of, and the other ends with its records',
  async (signal, env, how) => {
    const { port, arrivals } = await silentUpstream();
    writeConfig([{ port }]);
    const { child, ports, exit, stderr } = await start(1, env);
    for (let n = 0; n < 2; n++) await connected(ports[0]!, arrivals);
    const [victim] = workersOf(child);
    process.kill(victim!, signal);
    expect(await exit).toEqual([1, null]);
    const told = stderr.filter((line) => line.startsWith('wiretracer: worker'));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(
      /^wiretracer: worker \d \(pid \d+\) ended .*; its open connections are lost\. Stopping\.$/,
    );
    expect(told[0]).toContain(`(pid ${victim}) ended ${how}`);
    if (signal === 'SIGUSR2') expect(stderr.join('\n')).toContain('Error: planted');
    // Two connections, dealt out in turn: one was the victim's.
    expect(ofEvent('open')).toHaveLength(2);
    expect(ofEvent('close')).toMatchObject([{ cause: 'shutdown' }]);
    expect(rows().at(-1)).toMatchObject({ kind: 'meta', event: 'stop' });
    expect(readFileSync(join(folder, 'wiretracer.log'), 'utf8')).toContain('its open connections are lost');
  },
);

/** Makes any process of the program hang on SIGUSR2. */
const HANGING = `--import "data:text/javascript,process.on('SIGUSR2',()=>{for(;;);})"`;

test.skipIf(!hasPgrep)('a worker that hangs does not keep the proxy, nor stay', async () => {
  const { port, arrivals } = await silentUpstream();
  writeConfig([{ port }]);
  const { child, ports, exit } = await start(1, { NODE_OPTIONS: HANGING });
  for (let n = 0; n < 2; n++) await connected(ports[0]!, arrivals);
  const pids = workersOf(child);
  process.kill(pids[0]!, 'SIGUSR2');
  child.kill('SIGTERM');
  await logged('signal: draining');
  child.kill('SIGTERM');
  expect(await exit).toEqual([143, null]);
  for (const pid of pids) while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve));
  expect(ofEvent('close')).toMatchObject([{ cause: 'shutdown' }]);
  expect(rows().at(-1)).toMatchObject({ kind: 'meta', event: 'stop' });
});

test('the primary that fails ends the workers with their records', async () => {
  const { port, arrivals } = await silentUpstream();
  writeConfig([{ port }]);
  const { child, ports, exit, stderr } = await start(1, { NODE_OPTIONS: FAILING });
  for (let n = 0; n < 2; n++) await connected(ports[0]!, arrivals);
  child.kill('SIGUSR2');
  expect(await exit).toEqual([1, null]);
  expect(stderr.join('\n')).toContain('Error: planted');
  expect(ofEvent('close')).toMatchObject([{ cause: 'shutdown' }, { cause: 'shutdown' }]);
  expect(rows().at(-1)).toMatchObject({ kind: 'meta', event: 'stop', written: rows().length - 1 });
});

test.skipIf(!hasPgrep)('workers whose primary is killed do not stay', async () => {
  writeConfig([{ port: await httpUpstream() }]);
  const { child, exit } = await start(1);
  const pids = workersOf(child);
  expect(pids).toHaveLength(2);
  child.kill('SIGKILL');
  await exit;
  for (const pid of pids) while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve));
});

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

test('a reader of standard output that goes away does not end the proxy', async () => {
  writeConfig([{ port: await httpUpstream() }]);
  const { child, ports, exit, stderr } = await start(1, {}, ['--jsonl', '-']);
  child.stdout!.destroy();
  for (let n = 0; n < 4; n++) expect(await request(ports[0]!)).toBe('ok');
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
  expect(stderr.join('\n')).toContain('wiretracer: records cannot be written to -');
});

test.skipIf(!existsSync('/dev/full'))(
  'a full disk (/dev/full, where there is one) does not end it',
  async () => {
    writeConfig([{ port: await httpUpstream() }]);
    const { child, ports, exit, stderr } = await start(1, {}, ['--jsonl', '/dev/full']);
    for (let n = 0; n < 2; n++) expect(await request(ports[0]!)).toBe('ok');
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    expect(stderr.join('\n')).toContain('records cannot be written to /dev/full: ENOSPC');
  },
);

/** Resolves once the operator's log says so. */
async function logged(words: string): Promise<void> {
  const file = join(folder, 'wiretracer.log');
  while (!existsSync(file) || !readFileSync(file, 'utf8').includes(words)) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

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
