/** What is measured: a relay in a process of its own between the load and the upstream. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { largeBytes, smallBytes } from './works.ts';

export type Subject = {
  name: string;
  port: number;
  /** Seconds of CPU (user and system) used so far, null where the system does not tell. */
  cpuSeconds: () => number | null;
  stop: () => Promise<void>;
};

export type Setting = { certs: string; folder: string; upstreamPort: number };

const here = dirname(fileURLToPath(import.meta.url));

export const haproxyInstalled = spawnSync('haproxy', ['-v']).status === 0;
const nghttpdInstalled = spawnSync('nghttpd', ['--version']).status === 0;

/** nghttpd where it is installed, so that the upstream is not what is measured; else a small Node server. */
export async function startUpstream(certs: string, folder: string): Promise<Subject> {
  if (!nghttpdInstalled) return startNode('node:http2', 'upstream.ts', [certs]);
  const documents = join(folder, 'documents');
  mkdirSync(documents);
  writeFileSync(join(documents, 'small'), Buffer.alloc(smallBytes, 's'));
  writeFileSync(join(documents, 'large'), Buffer.alloc(largeBytes, 'l'));
  const port = await freePort();
  const args = [
    '--address=127.0.0.1',
    `--htdocs=${documents}`,
    String(port),
    join(certs, 'server.key'),
    join(certs, 'server.crt'),
  ];
  const child = spawn('nghttpd', args, { stdio: ['ignore', 'ignore', 'ignore'] });
  await accepting(port, child);
  return subject('nghttpd', child, port);
}

/** A Node program that prints its port on its first line and ends with its stdin. */
export async function startNode(name: string, script: string, args: string[]): Promise<Subject> {
  const child = spawn(process.execPath, [join(here, script), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return subject(name, child, Number(line.toString().trim()));
}

export async function startWiretracer(name: string, setting: Setting, recording: boolean): Promise<Subject> {
  const { certs, folder, upstreamPort } = setting;
  const file = join(folder, name.replaceAll(/[^a-z]+/g, '-'));
  const jsonl = `${file}.jsonl`;
  const config = `${file}.yaml`;
  writeFileSync(jsonl, '', { mode: 0o600 });
  writeFileSync(
    config,
    `listeners:
  - name: bench
    listen: 127.0.0.1:0
    tls: {cert: ${certs}/server.crt, key: ${certs}/server.key, alpn: [h2]}
    upstream: {addr: "127.0.0.1:${upstreamPort}", tls: true, server_name: localhost, ca: ${certs}/ca.crt, alpn: [h2]}
    policy: {max_connections: 4000}
    logging: {h2_control_events: ${recording}, log_headers: ${recording}, sample_rate: ${recording ? 1 : 0}, jsonl_path: ${jsonl}}
`,
  );
  const bin = join(here, '../../proxy/bin.mjs');
  const args = [bin, '--config', config, '--headless', '--log', '-', '--log-level', 'WARNING'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  return subject(name, child, await readyPort(jsonl, child));
}

/** HAProxy as a layer-4 TLS relay: the ciphers and the forwarding of C, and no look at what it forwards. */
export async function startHaproxy(setting: Setting): Promise<Subject> {
  const { certs, folder, upstreamPort } = setting;
  const pem = join(folder, 'haproxy.pem');
  writeFileSync(
    pem,
    readFileSync(join(certs, 'server.crt'), 'utf8') + readFileSync(join(certs, 'server.key'), 'utf8'),
    { mode: 0o600 },
  );
  const port = await freePort();
  const config = join(folder, 'haproxy.cfg');
  writeFileSync(
    config,
    `global
  nbthread 1
  maxconn 4000
defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
listen bench
  bind 127.0.0.1:${port} ssl crt ${pem} alpn h2
  server up 127.0.0.1:${upstreamPort} ssl verify none alpn h2 sni str(localhost)
`,
  );
  const child = spawn('haproxy', ['-q', '-db', '-f', config], { stdio: ['ignore', 'ignore', 'inherit'] });
  await accepting(port, child);
  return subject('HAProxy', child, port);
}

function subject(name: string, child: ChildProcess, port: number): Subject {
  return {
    name,
    port,
    cpuSeconds: () => cpuSeconds(child.pid!),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** utime + stime of /proc/PID/stat, in ticks of 10 ms; the command name before them may hold spaces. */
function cpuSeconds(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    // Not Linux: throughput alone is reported.
    return null;
  }
}

async function readyPort(jsonl: string, child: ChildProcess): Promise<number> {
  const find = () => /"event":\s*"ready".*?"port":\s*(\d+)/.exec(readFileSync(jsonl, 'utf8'))?.[1];
  const watcher = watch(jsonl);
  try {
    for (;;) {
      const port = find();
      if (port) return Number(port);
      if (child.exitCode !== null)
        throw new Error(`the proxy exited with ${child.exitCode} before it was ready`);
      await Promise.race([once(watcher, 'change'), once(child, 'exit')]);
    }
  } finally {
    watcher.close();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function accepting(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const up = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (up) return;
    if (child.exitCode !== null || attempt > 250) {
      child.kill();
      throw new Error(`${child.spawnfile} does not accept on port ${port}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
