import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const doubles = (fault: string) =>
  `${process.execPath} ${here('testing/fake-proxy.ts')} --config {config} --headless --fault ${fault}`;

async function suite(args: string[], out = mkdtempSync(join(tmpdir(), 'suite-'))) {
  const all = [here('bin.mjs'), ...args, '--out', out, '--cases', here('testing/catalog')];
  const { exitCode, stdout, stderr } = await execa(process.execPath, all, {
    reject: false,
    env: { CI: '1' },
  });
  return { exitCode, stdout, stderr, out };
}

test('a truthful proxy passes', async () => {
  const { exitCode, stdout, out } = await suite(['--proxy-cmd', doubles('none')]);
  expect(stdout).toMatch(/2 passed, 0 failed$/);
  expect(exitCode).toBe(0);
  expect(readFileSync(join(out, 'junit.xml'), 'utf8')).toContain('name="plain_h1.one"');
});

test.each([
  ['lie-status', 'response.status', 1],
  ['hide-event', 'events', 1],
  ['gap', 'invariant.sequence', 1],
  ['late', 'the last record of its connection', 1],
  ['never-close', 'has no close record', 1],
  ['die', 'the proxy exited with 7', 1],
  ['orphan', 'belongs to no case', 3],
  ['garbage', 'not a JSON record', 3],
] as const)('a proxy that does %s is caught', async (fault, words, code) => {
  const { exitCode, stdout } = await suite(['--time-scale', '0.2', '--proxy-cmd', doubles(fault)]);
  expect(stdout).toContain(words);
  expect(exitCode).toBe(code);
});

test('--last-failed takes up what failed, and a pass then is flaky in the merged report', async () => {
  const { out } = await suite(['--proxy-cmd', doubles('lie-status')]);
  const again = await suite(['--last-failed', '--proxy-cmd', doubles('none')], out);
  expect(again.stdout).toMatch(/2 passed, 0 failed$/);
  expect(readFileSync(join(out, 'junit.xml'), 'utf8')).toContain('<flakyFailure');
  const third = await suite(['--last-failed', '--proxy-cmd', doubles('die')], out);
  expect([third.exitCode, third.stdout]).toEqual([0, 'nothing failed the last time\n0 passed, 0 failed']);
});

test('--explain leaves what the last run found as it is', async () => {
  const { out } = await suite(['--proxy-cmd', doubles('lie-status')]);
  const reports = () =>
    ['last-run.json', 'junit.xml', 'summary.json'].map((name) => readFileSync(join(out, name), 'utf8'));
  const before = reports();
  const { stdout, exitCode } = await suite(
    ['--explain', 'plain_h1.one', '--proxy-cmd', doubles('none')],
    out,
  );
  expect(stdout).toMatch(/1 case in .*\n1 passed, 0 failed$/);
  expect(exitCode).toBe(0);
  expect(reports()).toEqual(before);
});

test('usage mistakes exit 2, and nothing to run exits 4', async () => {
  expect(await suite(['plain_h2'])).toMatchObject({
    exitCode: 2,
    stderr: 'no case is named plain_h2; did you mean plain_h1?',
  });
  expect(await suite(['--last-failed'])).toMatchObject({ exitCode: 2 });
  expect(await suite(['@nothing'])).toMatchObject({ exitCode: 4 });
  expect(await suite(['--workers', 'many'])).toMatchObject({ exitCode: 2 });
});

test('a proxy that does not start is told with its last words', async () => {
  const { exitCode, stderr } = await suite([
    '--proxy-cmd',
    `${process.execPath} --eval "console.error('broken');process.exit(9)" {config}`,
  ]);
  expect(stderr).toContain('the proxy exited with 9 before it was ready');
  expect(stderr).toContain('broken');
  expect(exitCode).toBe(3);
});

test('a proxy that would never learn its configuration is refused before it starts', async () => {
  const { exitCode, stderr } = await suite(['--proxy-cmd', 'sleep 100']);
  expect(stderr).toContain('the command of the proxy has no {config}: sleep 100');
  expect(exitCode).toBe(2);
});

test('evidence of a failure is kept', async () => {
  const { out } = await suite(['plain_h1.one', '--proxy-cmd', doubles('lie-status')]);
  for (const name of ['case.json', 'claimed.jsonl', 'client.json', 'server.jsonl', 'diff.txt', 'rerun.sh']) {
    expect(existsSync(join(out, 'evidence', 'plain_h1.one', name))).toBe(true);
  }
});
