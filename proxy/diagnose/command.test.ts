import { execFile, spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import schema from '../../protos/findings/findings.schema.json' with { type: 'json' };
import type { Diagnosis, Finding } from '../../protos/findings/findings.ts';

const bin = fileURLToPath(new URL('../bin.mjs', import.meta.url));
const fixture = (name: string): string =>
  fileURLToPath(new URL(`./rules/fixtures/${name}.jsonl`, import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wiretracer-diagnose-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

type Ran = { code: number | null; stdout: string; stderr: string };
function run(args: string[], input = ''): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [bin, ...args], { cwd: folder }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
    child.stdin!.end(input);
  });
}

const expired = fixture('upstream-cert-expired');

test('prints the finding for people, and exits 1', async () => {
  const { code, stdout, stderr } = await run(['diagnose', '--width', '100', expired]);
  expect([code, stderr]).toEqual([1, '']);
  expect(stdout).toMatch(
    /^1\. upstream-cert-expired {2}proof, 1 of 1 connection\n {3}The certificate of upstream /,
  );
  for (const part of ['why', 'who', 'since', 'evidence', 'ruled out', 'do', 'easily taken for'])
    expect(stdout).toContain(`\n   ${part}`);
  expect(stdout).toMatch(/\n1 finding in 1 connection with \d+ exchanges? \(\d+ records\)\.\n/);
  expect(stdout).not.toContain('\x1b');
  // Only what is to be copied may be longer.
  const long = stdout.split('\n').filter((line) => line.length > 100);
  expect(long.filter((line) => !/^ {17}\S/.test(line))).toEqual([]);
});

test('--json keeps the published schema, also for findings without evidence of records', async () => {
  const validate = new Ajv2020({ strict: false }).compile(schema);
  const inputs = [
    expired,
    fixture('keep-alive-not-latency'),
    fixture('failures-concentrated.client-ip'),
    fixture('retry-storm'),
  ];
  for (const input of inputs) {
    const { stdout } = await run([
      'diagnose',
      '--json',
      '--notes',
      '--explain',
      'FRAME_SIZE_ERROR: 4740180',
      input,
    ]);
    validate(JSON.parse(stdout));
    expect([input, validate.errors]).toEqual([input, null]);
  }
});

test('a healthy run gives nothing and exits 0', async () => {
  const { code, stdout } = await run(['diagnose', fixture('healthy.http1')]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Nothing found in 4 connections with 4 exchanges/);
});

test('a kept connection is a note, asked for and never counted', async () => {
  const kept = fixture('keep-alive-not-latency');
  expect(await run(['diagnose', kept])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Nothing found/),
  });
  const { code, stdout } = await run(['diagnose', '--notes', kept]);
  expect([code, stdout.includes('keep-alive-not-latency')]).toEqual([0, true]);
  expect(stdout).toMatch(/\nNothing wrong, 1 note in 15? connections? /);
});

test('reads a pipe with lines of a client log among the records, and names what it cannot read', async () => {
  const input = `${readFileSync(expired, 'utf8')}io.grpc: FRAME_SIZE_ERROR: 4740180\n{"kind":"conn"`;
  const { code, stdout } = await run(['diagnose', '-', '--json'], input);
  const { findings, input: read } = JSON.parse(stdout) as Diagnosis;
  expect([code, findings.map(({ id }) => id)]).toEqual([1, ['upstream-cert-expired', 'h2-preface-to-http1']]);
  expect(read.problems.map(({ kind, lines }) => [kind, lines])).toEqual([
    ['not-json', 1],
    ['cut-off', 1],
  ]);
});

test('--where looks at the connections with a record that matches', async () => {
  writeFileSync(
    join(folder, 'two.jsonl'),
    readFileSync(expired, 'utf8') + readFileSync(fixture('client-cert-expired'), 'utf8'),
  );
  const ids = async (where: string): Promise<string[]> => {
    const { stdout } = await run(['diagnose', '--json', '--where', where, 'two.jsonl']);
    return (JSON.parse(stdout) as Diagnosis).findings.map(({ id }) => id);
  };
  expect(await ids('side=out outcome=fail')).toEqual(['upstream-cert-expired']);
  expect(await ids('cause=cert_expired')).toEqual(['client-cert-expired']);
  expect(await ids('listener=none')).toEqual([]);
});

test('--explain alone needs no file', async () => {
  const { code, stdout } = await run(['diagnose', '--explain', 'okhttp: FRAME_SIZE_ERROR: 4740180']);
  expect(code).toBe(1);
  expect(stdout).toContain('0x485454');
});

test.each([
  [['diagnose'], 'error: name a file of records, or - for standard input\n'],
  [['diagnose', 'absent.jsonl'], 'error: absent.jsonl: there is no such file\n'],
  [['diagnose', '--where', 'outcme=1', expired], /unknown field "outcme"; did you mean "outcome"\?/],
  [['diagnose', '--top', '0', expired], /must be a positive whole number/],
  [['diagnose', '--width', '39', expired], /must be a whole number of 40 or more/],
])('%j is bad input', async (args, stderr) => {
  const ran = await run(args);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toMatch(stderr);
});

test.each([
  ['nothing', '', /^error: -: no records to diagnose\n$/],
  [
    'garbage',
    'a\nb\n',
    /^error: -: no records to diagnose\n {2}2 lines: not JSON \(line 1, 2; the first: a\)\n$/,
  ],
  [
    'the beginning of one line',
    '{"kind":"conn"',
    /no records to diagnose\n {2}1 line: the file ends in the middle of it/,
  ],
])('%s is not called well', async (_name, input, stderr) => {
  expect(await run(['diagnose', '-'], input)).toEqual({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(stderr),
  });
});

test('a packed file is told by how to unpack it', async () => {
  writeFileSync(join(folder, 'records.jsonl.gz'), gzipSync(readFileSync(expired)));
  expect(await run(['diagnose', 'records.jsonl.gz'])).toEqual({
    code: 2,
    stdout: '',
    stderr: 'error: records.jsonl.gz is compressed by gzip: zcat records.jsonl.gz | wiretracer diagnose -\n',
  });
});

test('a cut input says so beside its counts', async () => {
  const { code, stdout } = await run(
    ['diagnose', '-'],
    `${readFileSync(fixture('healthy.http1'), 'utf8')}{"kind":`,
  );
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Nothing found in [^\n]*; the input ends in the middle of a(?:\n| )line\)\./);
});

test('a filter that nothing matches is not health', async () => {
  expect(await run(['diagnose', '--where', 'listener=zzz', expired])).toEqual({
    code: 2,
    stdout: '',
    stderr: `error: ${expired}: no record matches the filter: listener=zzz\n`,
  });
});

test('--explain of a line that no rule knows says so, also beside one that a rule knows', async () => {
  expect(await run(['diagnose', '--explain', 'hello world'])).toEqual({
    code: 2,
    stdout: '',
    stderr: 'error: no rule knows this line: hello world\n',
  });
  const known = 'FRAME_SIZE_ERROR: 4740180';
  const both = await run(['diagnose', '--explain', known, '--explain', 'hello world']);
  expect(both).toMatchObject({ code: 1, stderr: 'error: no rule knows this line: hello world\n' });
  expect(both.stdout).toMatch(/\n1 finding\.\n$/);
  writeFileSync(join(folder, 'second'), '');
  expect((await run(['diagnose', '--explain', known, 'second'])).stderr).toBe(
    'error: second: no records to diagnose\n',
  );
  expect(await run(['diagnose', '--explain', known, 'another line'])).toMatchObject({
    code: 2,
    stderr: 'error: another line: there is no such file; a second line to explain needs --explain, too\n',
  });
});

test('an empty input is bad input, not health', async () => {
  expect(await run(['diagnose', '-'])).toMatchObject({
    code: 2,
    stderr: 'error: -: no records to diagnose\n',
  });
});

test('--follow ends with the code that the same input has without it', async () => {
  const inputs: [string, number][] = [
    [readFileSync(fixture('keep-alive-not-latency'), 'utf8'), 0],
    [readFileSync(expired, 'utf8'), 1],
    ['no record\n', 2],
  ];
  for (const [input, expected] of inputs) {
    for (const follow of [[], ['--follow']]) {
      const { code } = await run(['diagnose', '--notes', ...follow, '-'], input);
      expect([follow, code]).toEqual([follow, expected]);
    }
  }
});

test('--follow tells a finding while the file grows, and again when it has doubled', async () => {
  const path = join(folder, 'live.jsonl');
  writeFileSync(path, readFileSync(fixture('healthy.http1'), 'utf8'));
  const child = spawn(process.execPath, [bin, 'diagnose', '--follow', '--json', path]);
  const told: Finding[] = [];
  let wake = (): void => {};
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop()!;
    told.push(...lines.map((line) => JSON.parse(line) as Finding));
    wake();
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const count = async (wanted: number): Promise<void> => {
    while (told.length < wanted) await new Promise<void>((resolve) => (wake = resolve));
  };
  const again = (turn: number): string =>
    readFileSync(expired, 'utf8').replaceAll(/"conn_id":"[^"]*/g, `"conn_id":"turn-${turn}`);
  appendFileSync(path, again(1));
  await count(1);
  appendFileSync(path, again(2));
  await count(2);
  child.kill('SIGTERM');
  expect(await ended).toBe(1);
  expect(told.map(({ id, count: times }) => [id, times])).toEqual([
    ['upstream-cert-expired', 1],
    ['upstream-cert-expired', 2],
  ]);
});

test('what a peer put into its records cannot steer the terminal', async () => {
  const hostile = readFileSync(expired, 'utf8').replaceAll('CN=', 'CN=\\u001b[2J\\u009b31m\\u202e');
  const { stdout } = await run(['diagnose', '-'], hostile);
  expect(stdout).toMatch(/\\u001b\[2J/);
  expect(stdout).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
});
