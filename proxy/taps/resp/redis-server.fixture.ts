import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
export const orSkipped = hasRedis ? '' : ' (skipped: no redis-server; apt-get install redis-server)';

/** A real server on a free port, with nothing but memory. */
export async function startRedis(...options: string[]): Promise<{ port: number; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'wiretracer-redis-'));
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder, ...options];
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface(server.stdout!)) if (line.includes('Ready to accept')) break;
  server.stdout!.resume();
  return {
    port,
    async stop() {
      await ended(server);
      await rm(folder, { recursive: true });
    },
  };
}

/** What redis-cli prints; not waited for synchronously, as the proxy may live in this process. */
export async function cli(port: number, ...args: string[]): Promise<string> {
  return run('redis-cli', '-p', String(port), ...args);
}

/** What a program prints. */
export async function run(program: string, ...args: string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk));
  await once(child, 'close');
  return text;
}

/** A client that sends bytes, cut as told, and reads until the server has closed. */
export async function talk(port: number, bytes: Buffer, size: number): Promise<Buffer> {
  const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const received: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  await once(socket, 'connect');
  for (let at = 0; at < bytes.length; at += size) {
    if (!socket.write(bytes.subarray(at, at + size))) await once(socket, 'drain');
    await new Promise(setImmediate);
  }
  await once(socket, 'close');
  return Buffer.concat(received);
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const exit = once(server, 'exit');
  server.kill('SIGTERM');
  await exit;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
