import type { ChildProcess } from 'node:child_process';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, truncateSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from '../children.ts';
import { programs, type Subject, subject } from './subject.ts';

export type Setting = { certs: string; folder: string; upstreamPort: number; alpn: 'h2' | 'http/1.1' };

export type ProxyOptions = {
  recording: boolean;
  /** Left out: the file does not name the key, so that a proxy that does not know it can be measured too. */
  workers?: number;
  nodeFlags?: string[];
};

export const bin = join(programs, '../../../proxy/bin.mjs');

/** This proxy; it writes every kind of record it has to a file, or none. */
export async function startWiretracer(
  name: string,
  setting: Setting,
  options: ProxyOptions,
): Promise<Subject> {
  const file = join(setting.folder, `${name.replaceAll(/[^a-z0-9]+/g, '-')}-${++started}`);
  const jsonl = `${file}.jsonl`;
  writeFileSync(jsonl, '', { mode: 0o600 });
  writeFileSync(`${file}.yaml`, configuration(setting, options, jsonl));
  const args = [bin, '--config', `${file}.yaml`, '--headless', '--log', '-', '--log-level', 'WARNING'];
  const child = startChild(process.execPath, [...(options.nodeFlags ?? []), ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const port = await readyPort(jsonl, child);
  // A full bench writes gigabytes; the file is open for appending, so an emptied one goes on from its start.
  return subject(name, child, port, () => truncateSync(jsonl));
}

/** Whether the proxy of this checkout knows the key `workers`: it says so itself. */
export function knowsWorkers(setting: Setting): boolean {
  const path = join(setting.folder, 'workers.yaml');
  writeFileSync(
    path,
    configuration(setting, { recording: true, workers: 2 }, join(setting.folder, 'none.jsonl')),
  );
  return spawnSync(process.execPath, [bin, '--config', path, '--check'], { stdio: 'ignore' }).status === 0;
}

let started = 0;

function configuration(setting: Setting, options: ProxyOptions, jsonl: string): string {
  const { certs, upstreamPort, alpn } = setting;
  const { recording, workers } = options;
  const upstream = `{addr: "127.0.0.1:${upstreamPort}", tls: true, server_name: localhost, ca: ${certs}/ca.crt, alpn: [${alpn}]}`;
  return `${workers === undefined ? '' : `workers: ${workers}\n`}listeners:
  - name: bench
    listen: 127.0.0.1:0
    tls: {cert: ${certs}/server.crt, key: ${certs}/server.key, alpn: [${alpn}]}
    upstream: ${upstream}
    policy: {max_connections: 20000, idle_timeout: 600}
    logging: {h2_control_events: ${recording}, log_headers: ${recording}, sample_rate: ${recording ? 1 : 0}, jsonl_path: ${jsonl}}
`;
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
