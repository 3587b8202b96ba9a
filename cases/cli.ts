import { Command, CommanderError } from 'commander';
import { addRunOptions, type RunOptions, withoutTakenSelectors } from './commands/options.ts';
import type { SelftestOptions } from './commands/selftest.ts';
import { exitCodes, InfrastructureError, UsageError } from './exit-codes.ts';
import { startServerEarly } from './run/early-server.ts';

const helpText = `
Examples:
  npm run suite                                   everything
  npm run suite -- smoke_tls                      one TID with its whole matrix: smoke_tls.h1, smoke_tls.h2
  npm run suite -- 'hostile_*' '!@slow'           every TID that begins so, without the slow ones
  npm run suite -- --list @smoke                  what would run
  npm run suite -- --last-failed                  only what failed or did not run the last time
  npm run suite -- --proxy-cmd './other --config {config} --headless'

Exit codes: 0 ok, 1 failures, 2 usage or invalid case, 3 infrastructure, 4 nothing ran or fewer than --min,
5 flaky with --fail-on-flaky, 6 comparison difference, 129, 130 or 143 interrupted (reports are written)`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  let code: number = exitCodes.ok;
  const program = new Command('suite').exitOverride().enablePositionalOptions();
  addRunOptions(program)
    .description('Run the cases against the proxy and judge every record it writes.')
    .argument(
      '[selectors...]',
      'TID, or its part before the first dot, or a glob as hostile_*; @tag, /regex/, area:name; !x takes away',
    )
    .addHelpText('after', helpText)
    .action(async (selectors: string[], _options, command: Command) => {
      code = await run(...withoutTakenSelectors(selectors, command.opts<RunOptions>()));
    });
  addRunOptions(program.command('compare'))
    .description('Run every gRPC case in both client modes and compare what was recorded, field by field.')
    .argument('[selectors...]')
    .action(async (selectors: string[], _options, command: Command) => {
      const { compareCommand } = await import('./commands/compare.ts');
      code = await compareCommand(...withoutTakenSelectors(selectors, command.opts<RunOptions>()));
    });
  addRunOptions(program.command('selftest'))
    .description(
      'Falsify the records of a green run, one at a time: every falsification must turn its case red.',
    )
    .argument('[selectors...]')
    .option('--min-score <percent>', 'exit 1 when fewer turned red', Number, 99)
    .action(async (selectors: string[], _options, command: Command) => {
      const { selftestCommand } = await import('./commands/selftest.ts');
      code = await selftestCommand(...withoutTakenSelectors(selectors, command.opts<SelftestOptions>()));
    });
  program
    .command('merge')
    .description('Put the reports of several shards or runs together; later ones lie over earlier ones.')
    .argument('<dirs...>')
    .option('--out <dir>', 'where the merged reports go', 'reports')
    .action(async (dirs: string[], options: { out: string }) => {
      const { mergeCommand } = await import('./commands/merge.ts');
      code = mergeCommand(dirs, options.out);
    });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (error instanceof UsageError || error instanceof InfrastructureError) {
      console.error(error.message);
      return error instanceof UsageError ? exitCodes.usage : exitCodes.infrastructure;
    }
    // A file or folder that cannot be used; anything else is a defect and shows where it is.
    const { code: errno, syscall, message } = error as NodeJS.ErrnoException;
    if (errno === undefined || syscall === undefined) throw error;
    console.error(
      `${message}: the suite needs to write there; choose another folder with --out, or free this one`,
    );
    return exitCodes.infrastructure;
  }
}

/** A program starts on one processor while the suite loads itself and its cases on another. */
async function run(selectors: string[], options: RunOptions): Promise<number> {
  const earlyServer = options.list === undefined ? startServerEarly(options.faultServerCmd) : null;
  try {
    const { runCommand } = await import('./commands/run.ts');
    return await runCommand(selectors, options, earlyServer);
  } finally {
    await earlyServer?.discard();
  }
}
