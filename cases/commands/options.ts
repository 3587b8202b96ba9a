import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Command, InvalidArgumentError, Option } from 'commander';

export type RunOptions = {
  list?: true | string;
  lastFailed?: true | string;
  shard?: string;
  workers: number;
  retries: number;
  retryBudget: number;
  failOnFlaky?: true;
  repeatEach: number;
  shuffle?: true;
  seed?: number;
  maxFailures: number;
  x?: true;
  min: number;
  timeScale: number;
  direct: boolean;
  keep: 'failed' | 'all' | 'none';
  out: string;
  cases: string;
  explain?: string;
  proxyCmd?: string;
  faultServerCmd?: string;
  faultClientCmd?: string;
};

export const catalog = fileURLToPath(new URL('../catalog', import.meta.url));

export function addRunOptions(command: Command): Command {
  return command
    .option('--list [format]', 'print the selected cases and run nothing; json or text')
    .option(
      '--last-failed [file]',
      'only the cases that failed or did not run the last time, or in that last-run.json',
    )
    .option('--shard <i/n>', 'the i-th of n parts of the selection')
    .option('--workers <n>', 'cases in flight at once', positive, 16)
    .option('--retries <n>', 'run a red case again, up to n times, after all others', whole, 0)
    .option('--retry-budget <n>', 'retries of the whole run', whole, 20)
    .option('--fail-on-flaky', 'exit 5 when a case passed only on a retry')
    .option('--repeat-each <n>', 'run every case n times', positive, 1)
    .option('--shuffle', 'run in random order; the seed is printed')
    .option('--seed <n>', 'seed of --shuffle', whole)
    .option('--max-failures <n>', 'stop after n red cases', whole, 0)
    .option('-x', 'stop after the first red case')
    .option('--min <n>', 'exit 4 when fewer cases ran', whole, 1)
    .option('--time-scale <f>', 'stretch every time limit, for slow machines', factor, 1)
    .option('--no-direct', 'do not run cases without the proxy as well, and compare nothing with that')
    .addOption(
      new Option('--keep <which>', 'evidence folders').choices(['failed', 'all', 'none']).default('failed'),
    )
    .option('--out <dir>', 'where reports go', 'reports')
    .option('--cases <dir>', 'the catalogue', catalog)
    .option(
      '--explain <tid>',
      'run that case alone and print its records and how each rule was judged; its reports go to explain/ in --out',
    )
    .option(
      '--proxy-cmd <command>',
      'the proxy under test, also one with the YAML and the records of wiretracer 1.50; {config} is its configuration file',
    )
    .option('--fault-server-cmd <command>', 'another upstream that speaks the same line protocol')
    .option('--fault-client-cmd <command>', 'another client that speaks the same line protocol');
}

/** What stands after an option and is no value of it was meant as a selector: `--list @smoke`, `--last-failed smoke_tls`. */
export function withoutTakenSelectors<Options extends RunOptions>(
  selectors: string[],
  options: Options,
): [string[], Options] {
  const { list, lastFailed } = options;
  const isFormat = typeof list !== 'string' || list === 'json' || list === 'text';
  const isFile = typeof lastFailed !== 'string' || lastFailed.endsWith('.json') || existsSync(lastFailed);
  return [
    [...(isFormat ? [] : [list]), ...(isFile ? [] : [lastFailed]), ...selectors],
    { ...options, ...(isFormat ? {} : { list: true }), ...(isFile ? {} : { lastFailed: true }) },
  ];
}

function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('write a whole number.');
  return Number(text);
}

function positive(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('write a whole number above 0.');
  return Number(text);
}

function factor(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('write a number above 0.');
  return value;
}
