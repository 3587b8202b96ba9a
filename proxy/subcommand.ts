import { type Command, CommanderError } from 'commander';
import { FilterError } from './query/filter/filter-error.ts';
import { CompressedError, InputError } from './query/reading/input.ts';

/**
 * Parses the arguments of a subcommand and runs it until it is done or a signal comes, which is an order to end well. Mistakes
 * of the user go to standard error and give 2.
 */
export async function runSubcommand(
  command: Command,
  args: readonly string[],
  run: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  try {
    command.allowExcessArguments(false).exitOverride().parse(args, { from: 'user' });
    process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
    return await run(stop.signal);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof FilterError || error instanceof InputError)) throw error;
    const unpacked =
      error instanceof CompressedError && error.path !== '-' ? `zcat ${error.path} | ` : 'zcat | ';
    const hint = error instanceof CompressedError ? `: ${unpacked}${command.name()} -` : '';
    process.stderr.write(`error: ${error.message}${hint}\n`);
    return 2;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}
