import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseConfig } from './config/load.ts';
import type { ListenerConfig } from './config/types.ts';
import type { Listener } from './connection/listener.ts';
import type { RecordLog } from './records/log.ts';
import { connFields, testConnection } from './records/test-connection.ts';
import { startProxy } from './run.ts';
import { StartError } from './start-error.ts';

const logger = pino({ level: 'silent' });
let folder: string;
let file: string;
let taken: Server;
let takenPort: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wiretracer-run-'));
  file = join(folder, 'records.jsonl');
  taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  takenPort = (taken.address() as AddressInfo).port;
});

afterEach(() => {
  taken.close();
  rmSync(folder, { recursive: true });
});

function configOf(...listens: string[]) {
  const listeners = listens.map(
    (listen, index) =>
      `  - {name: l${index}, listen: "${listen}", upstream: {addr: "a:1"}, logging: {jsonl_path: ${file}}}`,
  );
  return parseConfig('c.yaml', Buffer.from(`shutdown_grace: 7\nlisteners:\n${listeners.join('\n')}\n`));
}

const rows = () =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Listeners whose one connection ends when the test says so, and writes its close record then. */
function heldListeners() {
  const calls: string[] = [];
  const end: (() => void)[] = [];
  const open = async (config: ListenerConfig, log: RecordLog): Promise<Listener> => {
    const over = new Promise<void>((resolve) => {
      end.push(() => {
        log.conn(testConnection(log), connFields);
        resolve();
      });
    });
    return {
      name: config.name,
      address: () => ({ host: '127.0.0.1', port: 4711 }),
      stopAccepting: () => calls.push(`${config.name} stopAccepting`),
      async drain(graceMs) {
        calls.push(`${config.name} drain ${graceMs}`);
        if (graceMs === 0) end.shift()?.();
        await over;
      },
    };
  };
  return { open, calls, end };
}

test('real listeners get real ports, told in the ready record of an owner-only file', async () => {
  const proxy = await startProxy(configOf('127.0.0.1:0', '127.0.0.1:0'), logger);
  expect(proxy.listeners).toMatchObject([
    { name: 'l0', host: '127.0.0.1' },
    { name: 'l1', host: '127.0.0.1' },
  ]);
  for (const { port } of proxy.listeners) expect(port).toBeGreaterThan(0);
  await proxy.stop();
  expect(rows()).toMatchObject([
    { kind: 'meta', event: 'start', seq: 0, listeners: [], written: null, dropped: null },
    { kind: 'meta', event: 'ready', seq: 1, listeners: proxy.listeners },
    { kind: 'meta', event: 'stop', seq: 2, listeners: [], written: 2, dropped: 0 },
  ]);
  const healthOf = (row: object) =>
    Object.entries(row).filter(([key]) => /_(ms|count|bytes|s|max)$/.test(key));
  const [start, ready, stop] = rows().map(healthOf);
  expect(stop).toHaveLength(9);
  for (const [key, value] of stop!) expect(value, key).toEqual(expect.any(Number));
  const unknown = stop!.map(([key]) => [key, null]);
  expect([start, ready]).toEqual([unknown, unknown]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('stop drains with the grace time, and the stop record follows the last close record', async () => {
  const { open, calls, end } = heldListeners();
  const proxy = await startProxy(configOf('127.0.0.1:0'), logger, open);
  const stopping = proxy.stop();
  expect(proxy.stop()).toBe(stopping);
  expect(calls).toEqual(['l0 stopAccepting', 'l0 drain 7000']);
  end.shift()!();
  await stopping;
  expect(rows().map(({ kind, event }) => `${kind} ${event}`)).toEqual([
    'meta start',
    'meta ready',
    'conn close',
    'meta stop',
  ]);
  expect(rows().at(-1)).toMatchObject({ written: 3, dropped: 0 });
});

test('stopNow ends a drain that is under way', async () => {
  const { open, calls } = heldListeners();
  const proxy = await startProxy(configOf('127.0.0.1:0'), logger, open);
  const stopping = proxy.stop();
  await proxy.stopNow();
  await stopping;
  expect(calls).toEqual(['l0 stopAccepting', 'l0 drain 7000', 'l0 stopAccepting', 'l0 drain 0']);
  expect(rows().at(-1)).toMatchObject({ event: 'stop', written: 3 });
  proxy.stopSync();
  expect(rows().filter(({ event }) => event === 'stop')).toHaveLength(1);
});

test('stopSync writes what waits and the stop record before it returns', async () => {
  const { open, end } = heldListeners();
  const proxy = await startProxy(configOf('127.0.0.1:0'), logger, open);
  end.shift()!();
  proxy.stopSync();
  expect(rows().map(({ event }) => event)).toEqual(['start', 'ready', 'close', 'stop']);
});

test('one address that is taken closes the other listener and is told with its place', async () => {
  const config = configOf('127.0.0.1:0', `127.0.0.1:${takenPort}`);
  const boundPorts: number[] = [];
  const { openListener } = await import('./connection/listener.ts');
  const failure = await startProxy(config, logger, async (...args) => {
    const listener = await openListener(...args);
    boundPorts.push(listener.address().port);
    return listener;
  }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StartError);
  expect((failure as StartError).problems).toEqual([
    `c.yaml:4:24: listener "l1" cannot listen on 127.0.0.1:${takenPort}: another program already listens there; stop it or choose another port`,
  ]);
  expect(rows().map(({ event }) => event)).toEqual(['start', 'stop']);
  expect(boundPorts).toHaveLength(1);
  const again = createServer();
  await new Promise<void>((resolve, reject) => {
    again.once('error', reject);
    again.listen(boundPorts[0], '127.0.0.1', resolve);
  });
  again.close();
});

test('a record file that cannot be opened stops the start before anything listens', async () => {
  file = folder;
  const { open, calls } = heldListeners();
  await expect(startProxy(configOf('127.0.0.1:0'), logger, open)).rejects.toThrow(
    `cannot write records to ${folder}: EISDIR`,
  );
  expect(calls).toEqual([]);
});
