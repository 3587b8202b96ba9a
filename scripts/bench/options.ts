import { Command, InvalidArgumentError } from 'commander';
import { ciEffort, ciRounds, ciWorks } from './floors.ts';
import { works } from './works/index.ts';

export type Options = {
  rounds: number;
  effort: number;
  /** Names of works. */
  only: string[];
  json: boolean;
  html?: string;
  compare?: string;
  /** Share by which a ratio may have become worse; only with compare. */
  tolerance?: number;
  /** A folder for CPU profiles. */
  profile?: string;
  ci: boolean;
};

export function parseOptions(argv: readonly string[]): Options {
  const command = new Command('bench')
    .description(
      'Measure this proxy beside a blind relay in the same Node, and HAProxy where installed.\nRatios count; figures are of this machine.',
    )
    .option('--rounds <n>', 'interleaved runs per work and subject; medians are printed', wholeNumber, 5)
    .option('--effort <x>', 'scale of the work in one run; 1 is the full bench', positive, 1)
    .option('--only <works>', `some of ${Object.keys(works).join(',')}`, workNames, Object.keys(works))
    .option('--json', 'print everything as JSON: the baseline --compare reads', false)
    .option('--html <file>', 'write a page with charts as well')
    .option('--compare <file>', 'a --json baseline of another commit on this machine: ratio of the ratios')
    .option(
      '--tolerance <share>',
      'with --compare: exit 1 when a ratio is worse by more, such as 0.1',
      positive,
    )
    .option('--profile <dir>', 'write a CPU profile of the proxy for every work there; measures nothing else')
    .option(
      '--ci',
      'a quarter of a minute: fails only when this proxy falls far below the blind relay of the same run',
      false,
    )
    .addHelpText('after', examples)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .parse(argv);
  const options = command.opts<Options>();
  if (options.tolerance !== undefined && options.compare === undefined) {
    command.error('error: --tolerance needs --compare FILE, the baseline it is a tolerance to');
  }
  if (options.profile !== undefined && (options.compare ?? options.html ?? (options.json || undefined))) {
    command.error('error: --profile measures nothing that --json, --html or --compare could tell');
  }
  if (options.ci) {
    const left = (name: string) => command.getOptionValueSource(name) === 'default';
    if (left('only')) options.only = ciWorks;
    if (left('effort')) options.effort = ciEffort;
    if (left('rounds')) options.rounds = ciRounds;
  }
  return options;
}

const examples = `
Examples:
  npm run bench                                           everything, 5 to 8 minutes
  npm run bench -- --effort 0.2 --rounds 1                a look, one to two minutes
  npm run bench -- --only small,large --rounds 3
  npm run --silent bench -- --json > before.json          a baseline; change something, then:
  npm run bench -- --compare before.json --tolerance 0.2
  npm run bench -- --only small --profile profiles        where a request's time goes

Exit codes: 0 ok, 1 something broke, worse than --tolerance, or below the floor of --ci; 2 usage`;

function workNames(text: string): string[] {
  const chosen = text.split(',').map((name) => name.trim());
  const unknown = chosen.filter((name) => !(name in works));
  if (unknown.length > 0) {
    throw new InvalidArgumentError(`no work "${unknown[0]}"; write some of ${Object.keys(works).join(',')}`);
  }
  // In the order they run, each once.
  return Object.keys(works).filter((name) => chosen.includes(name));
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Infinity)) throw new InvalidArgumentError('write a number above 0');
  return value;
}

function wholeNumber(text: string): number {
  const value = positive(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError('write a whole number above 0');
  return value;
}
