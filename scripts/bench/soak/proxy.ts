import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Proxy = {
  pid: number;
  port: number;
  jsonl: string;
  /** Rejects when the proxy ends before it was told to. */
  died: Promise<never>;
  /** SIGTERM; resolves when it ended. */
  stop(): Promise<void>;
};

export type ProxyOptions = {
  folder: string;
  certs: string;
  upstreamPort: number;
  maxConnections: number;
  workers: number;
  nodeFlags: string[];
};

/** The proxy with everything recorded to a file. */
export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const { folder, certs } = options;
  const jsonl = join(folder, 'records.jsonl');
  const config = join(folder, 'proxy.yaml');
  writeFileSync(jsonl, '', { mode: 0o600 });
  writeFileSync(
    config,
    `${options.workers === 1 ? '' : `workers: ${options.workers}\n`}listeners:
  - name: soak
    listen: 127.0.0.1:0
    tls: {cert: ${certs}/server.crt, key: ${certs}/server.key, alpn: [h2]}
    upstream: {addr: "127.0.0.1:${options.upstreamPort}", tls: true, server_name: localhost, ca: ${certs}/ca.crt, alpn: [h2]}
    policy: {max_connections: ${options.maxConnections}, idle_timeout: 86400}
    logging: {h2_control_events: true, log_headers: true, sample_rate: 1, jsonl_path: ${jsonl}}
`,
  );
  const bin = fileURLToPath(new URL('../../../proxy/bin.mjs', import.meta.url));
  const args = [
    ...options.nodeFlags,
    bin,
    '--config',
    config,
    '--headless',
    '--log',
    '-',
    '--log-level',
    'WARNING',
  ];
  // A group of its own: Ctrl-C is for the soak, which then ends the proxy in its turn.
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  let stopping = false;
  const died = once(child, 'exit').then(([code, signal]) => {
    if (stopping) return new Promise<never>(() => {});
    throw new Error(`the proxy ended by itself (${signal ?? `exit ${code}`})`);
  });
  died.catch(() => {});
  async function stop(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    stopping = true;
    const over = once(child, 'exit');
    child.kill('SIGTERM');
    await over;
  }
  try {
    const port = await readyPort(jsonl, child);
    return { pid: child.pid!, port, jsonl, died, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function readyPort(jsonl: string, child: ChildProcess): Promise<number> {
  const watcher = watch(jsonl);
  try {
    for (;;) {
      const port = /"event":"ready".*?"port":(\d+)/.exec(readFileSync(jsonl, 'utf8'))?.[1];
      if (port !== undefined) return Number(port);
      if (child.exitCode !== null)
        throw new Error(`the proxy exited with ${child.exitCode} before it was ready`);
      await Promise.race([once(watcher, 'change'), once(child, 'exit')]);
    }
  } finally {
    watcher.close();
  }
}
