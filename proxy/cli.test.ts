import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import packageJson from '../package.json' with { type: 'json' };
import { issueFixtures } from '../protos/certificates/fixtures.ts';

const bin = fileURLToPath(new URL('./bin.mjs', import.meta.url));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wiretracer-cli-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [bin, ...args], { cwd: folder }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr: stderr.replaceAll(folder, '<cwd>') }),
    );
  });
}

test('--version', async () => {
  expect(await run('--version')).toEqual({ code: 0, stdout: `${packageJson.version}\n`, stderr: '' });
});

test('--help shows examples and exit codes', async () => {
  const { code, stdout } = await run('--help');
  expect(code).toBe(0);
  expect(stdout).toContain('wiretracer --gen-config > config.yaml');
  expect(stdout).toContain('Exit codes: 0 done, 1 could not start, 2 usage or configuration');
  for (const command of ['diagnose', 'query', 'graph'])
    expect(stdout).toMatch(new RegExp(`^  ${command} [[<]`, 'm'));
});

test('both names of the example print the same YAML', async () => {
  const [dumped, generated] = await Promise.all([run('--dump-example-config'), run('--gen-config')]);
  expect(generated).toEqual(dumped);
  expect(dumped).toMatchObject({ code: 0, stderr: '' });
  expect(parseYaml(dumped.stdout)).toMatchObject({
    listeners: [{ name: 'grpc-mitm', listen: '0.0.0.0:9100' }],
  });
});

test('without a mode it points to --headless', async () => {
  expect(await run()).toEqual({
    code: 2,
    stdout: '',
    stderr: 'wiretracer: the terminal interface is not available in this version; add --headless\n',
  });
});

test.each([
  ['--headless', '--check'],
  ['--check', '--dump-example-config'],
  ['--gen-config', '--headless'],
])('%s and %s exclude each other', async (one, other) => {
  const { code, stdout, stderr } = await run(one, other);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^error: option '--.*' cannot be used with option '--.*'\n$/);
});

test.each([
  [
    ['--log-level', 'LOUD'],
    "error: option '--log-level <level>' argument 'LOUD' is invalid. Allowed choices are DEBUG, INFO, WARNING, ERROR.\n",
  ],
  [['--chek'], "error: unknown option '--chek'\n(Did you mean --check?)\n"],
  [['config.yaml'], "error: unknown command 'config.yaml'; the commands are diagnose, query, graph\n"],
  [
    ['diagnoze', 'tour.jsonl'],
    `error: unknown command 'diagnoze'; did you mean "diagnose"? the commands are diagnose, query, graph\n`,
  ],
])('wrong usage %j is told', async (args, stderr) => {
  expect(await run(...args)).toEqual({ code: 2, stdout: '', stderr });
});

test('--check tells every mistake on standard error', async () => {
  writeFileSync(join(folder, 'bad.yaml'), 'listeners:\n  - {name: a, listen: "x", upstrem: 1}\n');
  expect(await run('--check', '--config', 'bad.yaml')).toEqual({
    code: 2,
    stdout: '',
    stderr: `Config error: 3 problems
bad.yaml:2:5: upstream is missing; write upstream: {addr: "127.0.0.1:8443", tls: true}
bad.yaml:2:23: listen "x" has no port; write x:443
bad.yaml:2:28: unknown key "upstrem"; did you mean "upstream"?
`,
  });
});

test('--check of no file says how to make one', async () => {
  expect(await run('--check')).toEqual({
    code: 2,
    stdout: '',
    stderr:
      'Config error: 1 problem\n./config.yaml: no such file; name one with --config, or make one: wiretracer --gen-config > config.yaml\n',
  });
});

test('--check of the example with its certificates is OK', async () => {
  const { server } = await issueFixtures();
  const { stdout } = await run('--gen-config');
  writeFileSync(join(folder, 'server.pem'), server.cert);
  writeFileSync(join(folder, 'server-key.pem'), server.key);
  writeFileSync(join(folder, 'good.yaml'), stdout.replaceAll('certs/server', 'server'));
  expect(await run('--check', '--config', 'good.yaml')).toEqual({ code: 0, stdout: 'OK\n', stderr: '' });
});
