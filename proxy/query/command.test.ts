import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const bin = fileURLToPath(new URL('../bin.mjs', import.meta.url));
const records = fileURLToPath(
  new URL('../diagnose/rules/fixtures/upstream-cert-expired.jsonl', import.meta.url),
);
const lines = readFileSync(records, 'utf8').trimEnd().split('\n');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wiretracer-query-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

type Ran = { code: number | null; stdout: string; stderr: string };
function run(args: string[], input = ''): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [bin, 'query', ...args],
      { cwd: folder, maxBuffer: 1 << 28 },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
    child.stdin!.end(input);
  });
}

test('prints the lines that match, byte for byte', async () => {
  const { code, stdout } = await run([records, 'proto=tls outcome=fail']);
  const expected = lines.filter(
    (line) => line.startsWith('{"kind":"tls"') && line.includes('"outcome":"fail"'),
  );
  expect(expected).toHaveLength(1);
  expect([code, stdout]).toEqual([0, `${expected[0]}\n`]);
});

test('prints one line each for people', async () => {
  const { stdout } = await run([records, '--format', 'text', 'side=out']);
  expect(stdout).toMatch(
    /^\d{4}-\d\d-\d\dT[\d:.]+Z \S+ [\d.]+:\d+ tls out fail verify_expired \d+ms "verify_code=10 CERT_HAS_EXPIRED"\n$/,
  );
});

test('counts, stops when there are enough, and exits 1 when nothing matches', async () => {
  expect(await run([records, '--count'])).toMatchObject({ code: 0, stdout: `${lines.length}\n` });
  expect((await run([records, '--limit', '2'])).stdout).toBe(`${lines[0]}\n${lines[1]}\n`);
  expect(await run([records, 'listener=none'])).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/: no record matches the filter: listener=none\n$/),
  });
  expect((await run([records, 'closed_by=upstraem'])).stderr).toMatch(
    /^wiretracer query: closed_by is never "upstraem"; did you mean "upstream"\? its words are client, upstream, proxy, unknown\n/,
  );
});

test('reads a pipe, and tells on standard error what it could not read', async () => {
  const { code, stdout, stderr } = await run(
    ['-', 'kind=conn', '--count'],
    `${lines.join('\n')}\nnonsense\n`,
  );
  expect([code, stdout]).toEqual([0, '2\n']);
  expect(stderr).toContain(`1 line: not JSON (line ${lines.length + 1}; the first: nonsense)`);
});

test('a large answer reaches a slow reader whole', async () => {
  const many = join(folder, 'many.jsonl');
  writeFileSync(many, `${lines.join('\n')}\n`.repeat(3000));
  const { stdout } = await run([many]);
  expect(stdout.length).toBe(readFileSync(many, 'utf8').length);
});

test('lists the fields', async () => {
  const { code, stdout } = await run(['--fields']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^client +ip:port, an ip, or a CIDR$/m);
});

test.each([
  [[], 'error: name a file of records, or - for standard input\n'],
  [['absent'], 'error: absent: there is no such file\n'],
  [[records, 'path~('], /^error: filter:1:6: not a regular expression/],
  [['-'], 'wiretracer query: - holds no records\n'],
])('%j exits 2', async (args, stderr) => {
  const ran = await run(args);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toMatch(stderr);
});

test('a reader that had enough says nothing of the line it stopped in', async () => {
  const line = JSON.stringify({ kind: 'conn', conn_id: 'c', event: 'close', listener: 'x'.repeat(1000) });
  writeFileSync(join(folder, 'long.jsonl'), `${line}\n`.repeat(3000));
  expect(await run(['--limit', '1', 'long.jsonl'])).toEqual({ code: 0, stdout: `${line}\n`, stderr: '' });
});
