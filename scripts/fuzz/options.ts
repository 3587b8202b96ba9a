import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';

export type Options = {
  seconds: number;
  /** Decodings for each target instead of seconds: with a seed the same run again. */
  executions?: number;
  /** Parts of names; empty: every target. */
  target: string[];
  jobs: number;
  seed: number;
  /** An input that takes longer hangs. */
  hang: number;
  corpus?: string;
  /** Keep inputs that showed something new. */
  grow: boolean;
  list: boolean;
};

export function parseOptions(argv: readonly string[], now: number = Date.now()): Options {
  return new Command('fuzz')
    .description(
      'Feed every decoder damaged and invented bytes, cut at any place: no throw, no hang, bounded work, and the same result however the bytes came. A finding is made small and written to the corpus, which npm test replays.',
    )
    .option('--seconds <n>', 'how long in all, shared by the targets', positive, 60)
    .option(
      '--executions <n>',
      'that many decodings of each target instead: repeatable with --seed',
      wholeNumber,
    )
    .option('--target <name>', 'only targets whose name holds this; may be repeated', gather, [])
    .option('--jobs <n>', 'threads', wholeNumber, availableParallelism())
    .option('--seed <n>', 'the same seed and corpus give the same inputs', seedNumber, now % 2 ** 31)
    .option('--hang <seconds>', 'one input that takes longer is a finding', positive, 10)
    .option('--corpus <dir>', 'read and write inputs there; default: the one beside this program')
    .option('--grow', 'write inputs that showed something new to the corpus as well', false)
    .option('--list', 'print the targets', false)
    .addHelpText('after', examples)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .parse(argv)
    .opts<Options>();
}

const examples = `
Examples:
  npm run fuzz                                            a minute over every decoder
  npm run fuzz -- --seconds 120 --jobs 2
  npm run fuzz -- --target h2-tap --target hpack --seconds 600
  npm run fuzz -- --target h1-tap --seed 7 --executions 50000     the same run every time
  npm run fuzz -- --list

Exit codes: 0 nothing found, 1 a finding (its input is in the corpus now) or a target that cannot run, 2 usage`;

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1e6)) throw new InvalidArgumentError('write a number above 0');
  return value;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('write a whole number above 0');
  return value;
}

function seedNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || Math.abs(value) > 2 ** 31)
    throw new InvalidArgumentError('write a whole number of at most 31 bits');
  return value;
}

function gather(text: string, before: string[]): string[] {
  return [...before, text];
}
