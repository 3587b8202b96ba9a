/** Where one scenario runs: a folder of its own, programs that end with it, and what it has to tell. */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { endChild, startChild } from '../bench/children.ts';
import { accepting, freePort } from '../bench/subjects/subject.ts';
import { type ProxyListener, type RunningProxy, startProxy } from './proxy.ts';

export type Check = { name: string; ok: boolean; expected: unknown; seen: unknown };

export type Lab = {
  folder: string;
  /** The fixture certificates: `server.crt`, `server.key`, `ca.crt`, `client.crt`, … */
  certs: string;
  say(text: string): void;
  /** Something this scenario proves besides its finding. */
  check(name: string, expected: unknown, seen: unknown): void;
  checks: readonly Check[];
  /** Programs and their addresses, for a person who wants to go on by hand. */
  addresses: Map<string, string>;
  /** The proxy with everything recorded; one for each lab. */
  proxy(listeners: readonly ProxyListener[]): Promise<RunningProxy>;
  /** A program that accepts on `port` when it is ready. Its output goes to `<name>.log`. */
  program(name: string, command: string, args: readonly string[], port: number): Promise<ChildProcess>;
  /** Something of this process that must be ended with the lab. */
  ends(end: () => unknown): void;
  port(): Promise<number>;
  file(name: string, text: string): string;
  /** Ends the clients' servers and the proxy; resolves when its record file is complete. */
  stop(): Promise<void>;
  records: string;
};

export function openLab(folder: string, certs: string, say: (text: string) => void): Lab {
  mkdirSync(folder, { recursive: true });
  const checks: Check[] = [];
  const addresses = new Map<string, string>();
  const ends: (() => unknown)[] = [];
  let proxy: RunningProxy | null = null;
  const lab: Lab = {
    folder,
    certs,
    say,
    checks,
    addresses,
    records: join(folder, 'records.jsonl'),
    check(name, expected, seen) {
      const ok = isDeepStrictEqual(expected, seen);
      checks.push({ name, ok, expected, seen });
      say(`${ok ? 'ok    ' : 'WRONG '} ${name}: ${JSON.stringify(seen)}`);
    },
    async proxy(listeners) {
      proxy = await startProxy(folder, lab.records, listeners);
      for (const [name, port] of proxy.ports) addresses.set(`wiretracer ${name}`, `127.0.0.1:${port}`);
      return proxy;
    },
    async program(name, command, args, port) {
      const log = openSync(join(folder, `${name}.log`), 'a', 0o600);
      const child = startChild(command, [...args], { stdio: ['ignore', log, log], cwd: folder });
      ends.push(() => endChild(child));
      await accepting(port, child);
      addresses.set(name, `127.0.0.1:${port}`);
      return child;
    },
    ends: (end) => void ends.push(end),
    port: freePort,
    file(name, text) {
      const path = join(folder, name);
      writeFileSync(path, text, { mode: 0o600 });
      return path;
    },
    async stop() {
      await proxy?.stop();
      for (const end of ends.splice(0).reverse()) await end();
    },
  };
  return lab;
}
