import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, get } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, expect } from 'vitest';
import schema from '../../protos/records/records.schema.json' with { type: 'json' };

/** The whole program with two workers, as its users run it. */
export const bin = fileURLToPath(new URL('../bin.mjs', import.meta.url));
export const validate = new Ajv2020({ allErrors: true }).compile(schema);
export const hasPgrep = (() => {
  try {
    execFileSync('pgrep', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
export let folder: string;
let upstreams: Server[];
export let sockets: Socket[];
export let children: ChildProcess[];

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

export const httpUpstream = (answer = 'ok'): Promise<number> =>
  listen(
    createHttpServer({ keepAlive: false } as object, (_request, response) => response.end(answer)) as Server,
  );

/** An upstream that takes everything and says nothing; `arrivals` are its sockets once they sent something. */
export async function silentUpstream(): Promise<{ port: number; arrivals: AsyncIterator<Socket> }> {
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

export function writeConfig(listeners: ListenerText[], top = ''): void {
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

export async function start(
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

export type Row = Record<string, unknown> & { kind: string; event?: string; seq: number; conn_id: string };

export const rows = (): Row[] =>
  readFileSync(join(folder, 'records.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** The workers of a running proxy. */
export const workersOf = (child: ChildProcess): number[] =>
  execFileSync('pgrep', ['-P', String(child.pid)], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map(Number);

export async function request(port: number): Promise<string> {
  const [response] = await once(get({ port, host: '127.0.0.1', agent: false }), 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return text;
}

/** A client whose request has reached the upstream. */
export async function connected(port: number, arrivals: AsyncIterator<Socket>): Promise<Socket> {
  const client = connect(port, '127.0.0.1');
  sockets.push(client);
  client.on('error', () => client.destroy()).resume();
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await arrivals.next();
  return client;
}

export const ofEvent = (event: string): Row[] =>
  rows().filter((row) => row.kind === 'conn' && row.event === event);

/** Of some clients: before a listener is closed in every process, a probe for it may be served too. */
export const closesOf = (ports: readonly number[]): Row[] =>
  ofEvent('close').filter((row) => ports.includes(row.client_port as number));

/** Resolves once the operator's log says so. */
export async function logged(words: string): Promise<void> {
  const file = join(folder, 'wiretracer.log');
  while (!existsSync(file) || !readFileSync(file, 'utf8').includes(words)) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Resolves once nobody listens on a port any more. */
export async function refused(port: number): Promise<void> {
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
