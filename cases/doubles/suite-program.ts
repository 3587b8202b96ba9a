import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

export const repository: string = join(dirname(fileURLToPath(import.meta.url)), '../..');

export type SuiteEnd = { exitCode: number | undefined; stdout: string; red: string[]; green: string[] };

/** Runs the suite as its users do, with reports in a folder of its own, and reads who was red and who green. */
export async function runSuiteProgram(selectors: string[], ...flags: string[]): Promise<SuiteEnd> {
  return runSuiteInto(mkdtempSync(join(tmpdir(), 'suite-')), [...selectors, ...flags]);
}

/** The same into a given folder of reports, to be taken up again by `--last-failed`. */
export async function runSuiteInto(out: string, args: string[]): Promise<SuiteEnd> {
  const { exitCode, stdout } = await execa(
    process.execPath,
    [join(repository, 'cases/bin.mjs'), ...args, '--out', out],
    {
      reject: false,
      stdin: 'ignore',
      cwd: repository,
      env: { CI: '1', GITHUB_ACTIONS: '', GITHUB_STEP_SUMMARY: '' },
    },
  );
  const { cases } = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as {
    cases: { tid: string; status: string }[];
  };
  const of = (wanted: boolean) =>
    cases
      .filter(({ status }) => (status === 'passed') === wanted)
      .map(({ tid }) => tid)
      .toSorted();
  return { exitCode, stdout, red: of(false), green: of(true) };
}
