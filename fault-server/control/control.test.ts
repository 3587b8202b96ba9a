import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ServerCommand, ServerLine } from '../../protos/control/fault-server.ts';

const bin = fileURLToPath(new URL('../bin.mjs', import.meta.url));
const certs = mkdtempSync(join(tmpdir(), 'fault-server-'));

/** The program as its users start it. */
function start(...args: string[]) {
  const child = spawn(process.execPath, [bin, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  let errors = '';
  const waiting = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk;
    for (const check of waiting) check();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk;
  });
  const lines = () => text.split('\n').slice(0, -1);
  const until = <T>(find: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const check = () => {
        const found = find();
        if (found === undefined) return;
        waiting.delete(check);
        resolve(found);
      };
      waiting.add(check);
      check();
    });
  const exit = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return { child, lines, until, exit, errors: () => errors };
}

function control() {
  const { child, lines, until, exit } = start('--control', '--certs', certs);
  const parsed = () => lines().map((line) => JSON.parse(line) as ServerLine);
  const send = (text: string) => child.stdin.write(`${text}\n`);
  const ask = (command: ServerCommand) => {
    send(JSON.stringify(command));
    return until(() => parsed().find((line) => line.type === 'answer' && line.id === command.id));
  };
  return { send, ask, parsed, until, exit };
}

describe('fault-server --control', () => {
  it('opens, observes, closes and stops, and answers every wrong line', async () => {
    const { send, ask, parsed, until, exit } = control();
    await until(() => parsed().find(({ type }) => type === 'ready'));
    const opened = await ask({ id: 1, cmd: 'open', endpoint: { name: 'a', kind: 'http' } });
    expect(opened).toMatchObject({ ok: true, name: 'a', host: '127.0.0.1', port: expect.any(Number) });
    const port = (opened as { port: number }).port;
    await new Promise<void>((resolve) =>
      get({ port, host: '127.0.0.1', path: '/mode/ok', agent: false }, (res) =>
        res.resume().on('end', resolve),
      ),
    );
    await until(() => parsed().find((line) => line.type === 'observation' && line.observation === 'close'));
    expect(await ask({ id: 2, cmd: 'ping' })).toEqual({ type: 'answer', id: 2, ok: true });
    expect(await ask({ id: 3, cmd: 'open', endpoint: { name: 'a', kind: 'http' } })).toMatchObject({
      ok: false,
    });
    const unknown = { name: 'b', kind: 'raw', fault: { id: 'nope' } } as const;
    expect(await ask({ id: 4, cmd: 'open', endpoint: unknown })).toMatchObject({
      ok: false,
      error: expect.stringContaining('unknown fault "nope"'),
    });
    const wrongParam = { name: 'b', kind: 'raw', fault: { id: 'tls-alert', params: { code: 999 } } } as const;
    expect(await ask({ id: 5, cmd: 'open', endpoint: wrongParam })).toMatchObject({ ok: false });
    expect(
      await ask({ id: 6, cmd: 'open', endpoint: { name: 'c', kind: 'http', tls: { cert: 'none' } } }),
    ).toMatchObject({
      ok: false,
      error: expect.stringContaining('no certificate "none"'),
    });
    send('not json');
    send('[]');
    await until(() =>
      parsed().filter((line) => line.type === 'answer' && line.id === -1).length === 2 ? true : undefined,
    );
    expect(await ask({ id: 7, cmd: 'close', name: 'a' })).toMatchObject({ ok: true });
    expect(await ask({ id: 8, cmd: 'close', name: 'a' })).toMatchObject({ ok: false });
    expect(await ask({ id: 9, cmd: 'stop' })).toMatchObject({ ok: true });
    expect(await exit).toBe(0);
  });

  it('makes certificates whose keys are readable by their owner alone', () => {
    const keys = readdirSync(certs).filter((name) => name.endsWith('.key'));
    expect(keys.length).toBeGreaterThan(10);
    for (const key of keys) expect(statSync(join(certs, key)).mode & 0o777, key).toBe(0o600);
  });
});

describe('fault-server for people', () => {
  it('says when each endpoint is ready and what PROXY header came', async () => {
    const { lines, until, child, exit } = start(
      '--plain',
      '0',
      '--fault',
      'tcp-accept-rst',
      '--certs',
      certs,
    );
    const ready = await until(() => lines().find((line) => line.startsWith('ready plain')));
    const port = Number(/:(\d+) http$/.exec(ready)?.[1]);
    await until(() =>
      lines().find((line) =>
        /^ready tcp-accept-rst ms=20 wait_for=time on 127\.0\.0\.1:\d+: .* \[RFC 9293 3\.5\.3\]$/.test(line),
      ),
    );
    get({ port, host: '127.0.0.1', path: '/mode/ok', agent: false }, (res) => void res.resume());
    expect(await until(() => lines().find((line) => line.includes('PROXY=')))).toContain(
      'PROXY=none src=- dst=-',
    );
    await until(() => lines().find((line) => line.includes('closed by')));
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
    rmSync(certs, { recursive: true });
  });

  it.each([
    [['--list', '--layer', 'h2'], 0, 'h2-srv-goaway'],
    [['--describe', 'tls-alert'], 0, 'code=40'],
    [['--describe', 'tls-alert', '--json'], 0, '"id": "tls-alert"'],
    [['--help'], 0, 'Examples:'],
    [['--describe', 'nope'], 2, ''],
    [['--plain', 'x'], 2, ''],
    [[], 2, ''],
  ])('%j ends with code and text', async (args, code, text) => {
    const { exit, lines, errors } = start(...args);
    expect(await exit).toBe(code);
    if (text === '') expect(errors()).not.toBe('');
    else expect(lines().join('\n')).toContain(text);
  });
});
