import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fixtureCertificates } from './certificates.ts';
import { faultClientCommand, faultServerCommand } from './own-programs.ts';
import { commandOf, startProgram } from './program.ts';

const node = (source: string, onLine: (line: string) => void = () => undefined) =>
  startProgram('program', [process.execPath, '--eval', source], onLine);

test('how a program ended is told in words, with its last words, after all it wrote', async () => {
  const lines: string[] = [];
  const program = node(
    "console.log('one\\n\\ntwo'); console.error('last words'); process.exitCode = 7;",
    (line) => lines.push(line),
  );
  expect(await program.ended).toEqual({ how: 'exited with 7', code: 7, expected: false });
  expect(lines).toEqual(['one', 'two']);
  expect(program.stderrTail()).toBe('last words');
});

test('a signal is told by its name, and an end that was asked for is expected', async () => {
  const killed = node('setInterval(() => {}, 1000)');
  killed.signal('SIGKILL');
  expect(await killed.ended).toEqual({ how: 'killed by SIGKILL', code: null, expected: false });
  const stopped = node('setInterval(() => {}, 1000)');
  expect(await stopped.stop(5000)).toEqual({ how: 'killed by SIGTERM', code: null, expected: true });
});

test.skipIf(process.platform === 'win32')(
  'a wrapper that ends without a word to its program: the program is told, and its last words are heard',
  async () => {
    const lines: string[] = [];
    let ready: () => void = () => undefined;
    const isReady = new Promise<void>((resolve) => {
      ready = resolve;
    });
    const source =
      "process.on('SIGTERM', () => { console.log('told'); process.exit(); }); setInterval(() => {}, 1000); console.log('up');";
    const wrapper = `trap 'exit 0' TERM; "${process.execPath}" --eval "${source}" & wait`;
    const program = startProgram('program', ['sh', '-c', wrapper], (line) => {
      lines.push(line);
      ready();
    });
    await isReady;
    expect(await program.stop(60_000)).toEqual({ how: 'exited with 0', code: 0, expected: true });
    expect(lines).toEqual(['up', 'told']);
  },
);

test.skipIf(process.platform !== 'linux')(
  'a program that ends before what it started is dead all the same',
  async () => {
    const pids: number[] = [];
    const source = `${JSON.stringify(process.execPath)} --eval 'setInterval(() => {}, 1000); console.log(process.pid)' & read line; exit 3`;
    const program = startProgram('program', ['sh', '-c', source], (line) => {
      pids.push(Number(line));
      program.send({ go: 'on' });
    });
    expect(await program.ended).toEqual({ how: 'exited with 3', code: 3, expected: false });
    expect(pids).toHaveLength(1);
    await expect.poll(() => isAlive(pids[0]!)).toBe(false);
  },
);

test.skipIf(process.platform !== 'linux')(
  'what has left the group of its program does not hold up the end',
  async () => {
    const pids: number[] = [];
    const { promise: isUp, resolve: up } = Promise.withResolvers<void>();
    const source = `setsid ${JSON.stringify(process.execPath)} --eval 'setInterval(() => {}, 1000); console.log(process.pid)' & wait`;
    const program = startProgram('program', ['sh', '-c', source], (line) => {
      pids.push(Number(line));
      up();
    });
    await isUp;
    onTestFinished(() => void process.kill(pids[0]!, 'SIGKILL'));
    expect((await program.stop(1)).expected).toBe(true);
  },
);

test('a command that cannot even be tried is named', () => {
  const command = [join(process.execPath, 'x'), '--control'];
  expect(() => startProgram('fault-server', command, () => undefined)).toThrow(
    `the fault-server did not start: spawn ENOTDIR\nits command: ${command.join(' ')}`,
  );
});

test('a program that ignores SIGTERM is killed', async () => {
  let ready: () => void = () => undefined;
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const source = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('ready');";
  const program = node(source, () => ready());
  await isReady;
  expect((await program.stop(1)).how).toBe('killed by SIGKILL');
});

test('a program that does not exist did not start; what is sent to it goes nowhere', async () => {
  const program = startProgram('program', ['/nowhere/program'], () => undefined);
  program.send({ cmd: 'ping' });
  const { how, code } = await program.ended;
  expect(how).toMatch(/^did not start: .*ENOENT/);
  expect(code).toBe(null);
});

test('it takes lines on standard input', async () => {
  const lines: string[] = [];
  const program = node(
    "process.stdin.once('data', (text) => { console.log(String(text)); process.exit(); })",
    (line) => lines.push(line),
  );
  program.send({ cmd: 'ping', id: 1 });
  await program.ended;
  expect(lines).toEqual(['{"cmd":"ping","id":1}']);
});

test('paths from here are made whole', () => {
  expect(commandOf(undefined, ['usual'])).toEqual(['usual']);
  expect(commandOf('node cases/bin.mjs no/file', [])).toEqual(['node', resolve('cases/bin.mjs'), 'no/file']);
});

test.each([
  ['fault-server', faultServerCommand],
  ['fault-client', faultClientCommand],
])('%s, which a run ends by a signal, leaves its compiled code to the next one', async (name, commandFor) => {
  const cache = mkdtempSync(join(tmpdir(), 'compiled-'));
  const [file, ...args] = commandFor(undefined, await fixtureCertificates());
  let ready: () => void = () => undefined;
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const program = startProgram(
    name,
    ['env', `NODE_COMPILE_CACHE=${cache}`, file!, ...args],
    (line) => line.includes('ready') && ready(),
  );
  await isReady;
  expect((await program.stop(20_000)).how).toBe('killed by SIGTERM');
  expect(readdirSync(cache, { recursive: true }).length).toBeGreaterThan(100);
});

/** proc(5): one that was killed and not yet buried by whoever inherited it is a Z. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}
