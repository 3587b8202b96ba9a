/** The proxy under a scenario: started from its command line, as a user does. */
import { once } from 'node:events';
import { readFileSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { endChild, startChild } from '../bench/children.ts';

/** A listener as the configuration has it; `listen` and `logging` are the lab's. */
export type ProxyListener = {
  name: string;
  tls?: Record<string, unknown>;
  proxy_protocol?: Record<string, unknown>;
  upstream: Record<string, unknown>;
  policy?: Record<string, unknown>;
};

export type RunningProxy = {
  ports: ReadonlyMap<string, number>;
  port(listener: string): number;
  /** SIGTERM; resolves when the last record is written. */
  stop(): Promise<void>;
};

export const proxyProgram = fileURLToPath(new URL('../../proxy/bin.mjs', import.meta.url));

export async function startProxy(
  folder: string,
  records: string,
  listeners: readonly ProxyListener[],
): Promise<RunningProxy> {
  const config = join(folder, 'wiretracer.yaml');
  const logging = { jsonl_path: records, h2_control_events: true };
  const listen = '127.0.0.1:0';
  writeFileSync(
    config,
    stringify({
      shutdown_grace: 2,
      listeners: listeners.map(({ name, ...rest }) => ({ name, listen, ...rest, logging })),
    }),
  );
  writeFileSync(records, '', { mode: 0o600 });
  const args = [proxyProgram, '--config', config, '--headless', '--log', join(folder, 'wiretracer.log')];
  const child = startChild(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    words += chunk.toString();
  });
  const watcher = watch(records);
  const ended = once(child, 'exit');
  try {
    for (;;) {
      const ready = readFileSync(records, 'utf8')
        .split('\n')
        .find((line) => line.includes('"event":"ready"'));
      if (ready?.endsWith('}')) {
        const { listeners: bound } = JSON.parse(ready) as { listeners: { name: string; port: number }[] };
        return running(new Map(bound.map(({ name, port }) => [name, port])), () => endChild(child));
      }
      if (child.exitCode !== null) throw new Error(`the proxy did not start:\n${words}`);
      await Promise.race([once(watcher, 'change'), ended]);
    }
  } finally {
    watcher.close();
  }
}

function running(ports: Map<string, number>, stop: () => Promise<void>): RunningProxy {
  return {
    ports,
    port(listener) {
      const port = ports.get(listener);
      if (port === undefined) throw new Error(`no listener ${listener}`);
      return port;
    },
    stop,
  };
}
