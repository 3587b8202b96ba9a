import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Graph } from './graph.ts';

const bin = fileURLToPath(new URL('../bin.mjs', import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wiretracer-graph-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [bin, 'graph', ...args],
      { cwd: folder },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

let made = 0;
/** A connection with its end; `local` is where the proxy dials from, `peer` where the client does. */
function connection(fields: {
  client: string;
  listener: string;
  upstream: string;
  local: string;
  peer?: [string, number];
  cause?: string;
}): string {
  made += 1;
  const [ip, port] = fields.peer ?? [fields.client, 40_000 + made];
  const common = {
    listener: fields.listener,
    client_ip: fields.client,
    client_port: port,
    conn_id: `c${made}`,
  };
  const ok = fields.cause === undefined;
  return [
    {
      kind: 'conn',
      event: 'open',
      ...common,
      upstream_addr: fields.upstream,
      proxy_version: 'none',
      peer_ip: ip,
      peer_port: port,
    },
    { kind: 'tls', side: 'in', outcome: 'ok', ...common, tls: { alpn: 'h2', version: 'TLSv1.3' } },
    {
      kind: 'event',
      protocol: 'http2',
      ...common,
      ts_start: made,
      ts_end: made + 1,
      cause: fields.cause ?? null,
      error: ok ? null : 'x',
    },
    {
      kind: 'conn',
      event: 'close',
      ...common,
      ts: made + 2,
      upstream_addr: fields.upstream,
      upstream_local: fields.local,
      cause: fields.cause ?? 'graceful',
      term: ok ? '--' : 'SH',
      bytes_in: 10,
      bytes_out: 20,
    },
  ]
    .map((record) => `${JSON.stringify(record)}\n`)
    .join('');
}

test('counts every way with its outcomes, most travelled first', async () => {
  const ways = [
    { client: '10.0.0.1', listener: 'edge', upstream: 'a:1', local: '127.0.0.1:1' },
    { client: '10.0.0.2', listener: 'edge', upstream: 'a:1', local: '127.0.0.1:2' },
    { client: '10.0.0.1', listener: 'edge', upstream: 'a:1', local: '127.0.0.1:3', cause: 'reset' },
    { client: '10.0.0.1', listener: 'other', upstream: 'b:1', local: '127.0.0.1:4' },
  ];
  writeFileSync(join(folder, 'one.jsonl'), ways.map(connection).join(''));
  const { code, stdout } = await run('--json', 'one.jsonl');
  const { chains, hops } = JSON.parse(stdout) as Graph;
  expect(code).toBe(0);
  expect(
    chains.map(
      ({
        client,
        listener,
        upstream,
        connections,
        failed_connections,
        exchanges,
        failed_exchanges,
        causes,
      }) => [
        client,
        listener,
        upstream,
        connections,
        failed_connections,
        exchanges,
        failed_exchanges,
        causes,
      ],
    ),
  ).toEqual([
    ['10.0.0.1', 'edge', 'a:1', 2, 1, 2, 1, [{ value: 'reset', count: 1 }]],
    ['10.0.0.2', 'edge', 'a:1', 1, 0, 1, 0, []],
    ['10.0.0.1', 'other', 'b:1', 1, 0, 1, 0, []],
  ]);
  expect(chains[0]).toMatchObject({
    tls_in: 'TLSv1.3',
    alpn_in: 'h2',
    tls_out: null,
    bytes_in: 20,
    bytes_out: 40,
  });
  expect(hops).toEqual([]);
  const text = (await run('one.jsonl')).stdout.split('\n');
  expect(text[1]).toMatch(/^10\.0\.0\.1 +edge +a:1 +TLSv1\.3 h2 +plain +reset \(1\) +2 +1 +2 +1$/);
  const dot = (await run('--dot', 'one.jsonl')).stdout;
  expect(dot).toContain('"listener edge" -> "upstream a:1" [label="3, 1 failed", color=red];');
  const filtered = await run('--json', '--where', 'client=10.0.0.2', 'one.jsonl');
  expect((JSON.parse(filtered.stdout) as Graph).chains).toHaveLength(1);
});

test('tells a leg whose TLS failed, and one the records say nothing of, from a plain one', async () => {
  const whole = connection({ client: '10.0.0.1', listener: 'edge', upstream: 'a:1', local: '127.0.0.1:1' });
  const inner = whole.split('\n').filter((line) => line !== '');
  const failed = JSON.stringify({ ...JSON.parse(inner[1]!), side: 'out', outcome: 'fail', tls: null });
  const refused = JSON.stringify({
    ...JSON.parse(inner[3]!),
    bytes_out: 0,
    upstream_local: null,
    term: 'SC',
    cause: 'connection_refused',
  });
  const legs = async (...lines: string[]): Promise<unknown[]> => {
    writeFileSync(join(folder, 'legs.jsonl'), lines.map((line) => `${line}\n`).join(''));
    const { chains } = JSON.parse((await run('--json', 'legs.jsonl')).stdout) as Graph;
    const text = (await run('legs.jsonl')).stdout.split('\n')[1]!.split(/ {2,}/);
    return [chains[0]!.leg_in, chains[0]!.leg_out, ...text.slice(3, 5)];
  };
  const [open, tls, event, close] = inner as [string, string, string, string];
  expect(await legs(open, event, close)).toEqual(['plain', 'plain', 'plain', 'plain']);
  expect(await legs(open, tls, failed, close)).toEqual(['tls', 'tls_failed', 'TLSv1.3 h2', 'TLS failed']);
  expect(await legs(open, tls, refused)).toEqual(['tls', null, 'TLSv1.3 h2', '?']);
  expect(await legs(event, close)).toEqual([null, null, '?', '?']);
  expect(await legs(open, tls)).toEqual(['tls', null, 'TLSv1.3 h2', '?']);
});

test('joins the files of two proxies in a row by the address the first dials from', async () => {
  const outer = { client: '10.0.0.1', listener: 'edge', upstream: 'inner:1', local: '127.0.0.1:7001' };
  const inner = { client: '10.0.0.1', listener: 'inner', upstream: 'app:1', local: '127.0.0.1:7002' };
  writeFileSync(join(folder, 'edge.jsonl'), connection(outer));
  writeFileSync(join(folder, 'inner.jsonl'), connection({ ...inner, peer: ['127.0.0.1', 7001] }));
  const { stdout } = await run('--json', 'edge.jsonl', 'inner.jsonl');
  expect((JSON.parse(stdout) as Graph).hops).toEqual([{ from: 'edge', to: 'inner', connections: 1 }]);
});

test('a filter that nothing matches is told, and exits 2', async () => {
  const way = { client: '10.0.0.1', listener: 'edge', upstream: 'a:1', local: '127.0.0.1:1' };
  writeFileSync(join(folder, 'where.jsonl'), connection(way));
  const stderr = 'error: where.jsonl: no record matches the filter: listener=zzz\n';
  expect(await run('--where', 'listener=zzz', 'where.jsonl')).toEqual({ code: 2, stdout: '', stderr });
  const json = await run('--json', '--where', 'listener=zzz', 'where.jsonl');
  expect([json.code, (JSON.parse(json.stdout) as Graph).chains, json.stderr]).toEqual([2, [], stderr]);
});

test('bad input exits 2', async () => {
  writeFileSync(join(folder, 'empty.jsonl'), '');
  expect(await run('empty.jsonl')).toMatchObject({ code: 2, stderr: 'error: empty.jsonl: no records\n' });
  expect(await run('absent.jsonl')).toMatchObject({ code: 2 });
  expect((await run('--json', '--dot', 'empty.jsonl')).code).toBe(2);
});
