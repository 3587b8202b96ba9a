import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { fixtureCertificates } from '../run/certificates.ts';

const bin = fileURLToPath(new URL('../bin.mjs', import.meta.url));

/** The suite over a catalogue of this text. */
async function suite(catalogue: string, ...given: (string | ((folder: string) => void))[]) {
  const folder = mkdtempSync(join(tmpdir(), 'suite-mistakes-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'cases.yaml'), catalogue);
  const args = given.filter((one) => typeof one === 'string');
  for (const prepare of given) if (typeof prepare === 'function') prepare(folder);
  const out = join(folder, 'reports');
  const command = [bin, '--cases', folder, '--out', out, ...args];
  return new Promise<{ code: unknown; stdout: string; stderr: string; folder: string; left: string[] }>(
    (resolve) => {
      execFile(process.execPath, command, { cwd: folder }, (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, stdout, stderr, folder, left: readdirSync(folder) }),
      );
    },
  );
}

const oneCase = (more: string, cause = 'graceful') => `cases:
  - tid: only_one
    title: One request
    upstream: { kind: http }
    ${more}
    client: { proto: h1 }
    expect: { records: [{ kind: conn, event: close, cause: ${cause} }] }
`;

test('a mistake in the listener of a case is told at its place, and nothing is run', async () => {
  const { code, stdout, stderr } = await suite(oneCase('listener: { policy: { idle_timeuot: 5 } }'));
  expect(stderr.trim()).toBe('cases.yaml:5:27: unknown key "idle_timeuot"; did you mean "idle_timeout"?');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});

test('a run that is refused waits for no program and leaves nothing behind', async () => {
  // A fault-server that never says it is ready, and certificates to start it with.
  const certificates = await fixtureCertificates();
  const hanging = ['--fault-server-cmd', 'sleep 1000', 'nobody'];
  const began = await suite(oneCase(''), ...hanging, (folder) =>
    cpSync(certificates, join(folder, '.cache/certs'), { recursive: true }),
  );
  expect([began.code, began.stderr.trim()]).toEqual([2, 'no case is named nobody']);
  const bare = await suite(oneCase(''), ...hanging);
  expect([bare.code, bare.stderr.trim()]).toEqual([2, 'no case is named nobody']);
  expect(bare.left).toEqual(['cases.yaml']);
});

test('the rerun command names the catalogue', async () => {
  const { code, stdout, folder } = await suite(oneCase('tags: [x]', 'reset'));
  expect(stdout).toContain(`rerun: npm run suite -- only_one --cases ${folder}`);
  expect(code).toBe(1);
});

test.each([
  [['--workers', '0'], "option '--workers <n>' argument '0' is invalid. write a whole number above 0."],
  [['--explain', 'nope'], 'nope'],
])('%j is refused', async (args, text) => {
  const { code, stderr } = await suite(oneCase('tags: [x]'), ...args);
  expect(stderr).toContain(text);
  expect(code).toBe(2);
});

test.each([
  ['client: { outcom: ok }', '6:25: there is no outcom here; did you mean "outcome"?'],
  [
    'server: { observations: [{ observation: clos }] }',
    '6:42: nothing is observed as clos; did you mean "close"?',
  ],
  ['server: { never: [{ observation: fault, falt: x }] }', 'there is no falt here; did you mean "fault"?'],
])('words of the witnesses are checked when a case is loaded: %s', async (rule, text) => {
  const { code, stderr } = await suite(
    `cases:
  - tid: only_one
    title: One request
    upstream: { kind: http }
    client: { proto: h1 }
    expect: { ${rule}, records: [{ kind: conn, event: close }] }
`,
    '--list',
  );
  expect(stderr).toContain(text);
  expect(code).toBe(2);
});

test('an option with an optional value leaves a selector behind it alone', async () => {
  const catalogue = oneCase('tags: [x]', 'reset');
  expect(await suite(catalogue, '--list', '@x')).toMatchObject({
    code: 0,
    stdout: 'only_one  One request @x\n1 case\n',
  });
  const { code, stderr } = await suite(catalogue, '--list', 'only');
  expect([code, stderr]).toEqual([2, 'no case is named only; did you mean only*?\n']);
  expect((await suite(catalogue, '--last-failed', '@x')).stderr).toContain(
    'last-run.json does not exist: there is no last run to take up',
  );
});
