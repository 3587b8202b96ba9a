import { Command, CommanderError, Option } from 'commander';
import { didYouMean } from '../protos/text/nearest.ts';
import { exampleConfig } from './config/example.ts';
import { loadConfig } from './config/load.ts';
import { ConfigError } from './config/problems.ts';
import type { Config } from './config/types.ts';
import { type LogLevel, logLevels, openOperatorLog } from './operator-log.ts';
import { printable } from './query/printable.ts';
import { version } from './version.ts';

type Options = {
  config: string;
  headless?: true;
  check?: true;
  dumpExampleConfig?: true;
  log: string;
  logLevel: LogLevel;
  jsonl?: string;
};

const EXAMPLES = `
Commands, which read records and have a --help of their own:
  diagnose [file] [options]   what is wrong, for whom, why, and what to do
  query [file] [filter]       the records that match a filter
  graph <files...>            who talks to whom, how often, how well

Examples:
  wiretracer --gen-config > config.yaml               a documented configuration to start from
  wiretracer --config config.yaml --check             every mistake in it, as file:line:col
  wiretracer --config config.yaml --headless          run until SIGTERM, SIGINT or SIGHUP
  wiretracer --headless --jsonl - | jq 'select(.kind == "conn")'
  wiretracer diagnose records.jsonl                   what is wrong, why, and what to do (diagnose --help)
  wiretracer query records.jsonl 'outcome=fail'       the records that match a filter (query --help)
  wiretracer graph records.jsonl                      who talks to whom, how often, how well (graph --help)

Exit codes: 0 done, 1 could not start, 2 usage or configuration; ended at once by a second signal: 129 SIGHUP, 130 SIGINT,
143 SIGTERM.`;

/** What reads records instead of writing them; loaded only when asked for. */
const subcommands: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  diagnose: async (args) => (await import('./diagnose/command.ts')).diagnoseCommand(args),
  query: async (args) => (await import('./query/command.ts')).queryCommand(args),
  graph: async (args) => (await import('./graph/command.ts')).graphCommand(args),
};

/** Exit codes: see EXAMPLES. */
export async function main(args: readonly string[]): Promise<number> {
  const subcommand = Object.hasOwn(subcommands, args[0] ?? '') ? subcommands[args[0]!]! : null;
  if (subcommand !== null) return subcommand(args.slice(1));
  if (args[0] !== undefined && !args[0].startsWith('-')) {
    const meant = didYouMean(args[0], Object.keys(subcommands));
    process.stderr.write(
      `error: unknown command '${printable(args[0])}'; ${meant}the commands are ${Object.keys(subcommands).join(', ')}\n`,
    );
    return 2;
  }
  const options = parse(args);
  if (typeof options === 'number') return options;
  if (options.dumpExampleConfig) {
    process.stdout.write(exampleConfig);
    return 0;
  }
  if (!options.headless && !options.check) {
    process.stderr.write(
      'wiretracer: the terminal interface is not available in this version; add --headless\n',
    );
    return 2;
  }
  const config = load(options);
  if (config === null) return 2;
  if (options.check) {
    process.stdout.write('OK\n');
    return 0;
  }
  // Loaded here, so that the other options answer at once.
  const { serve } = await import('./headless.ts');
  return serve(config, openOperatorLog(options.log, options.logLevel), options.log !== '-');
}

/** The options, or the exit code when there is nothing more to do. */
function parse(args: readonly string[]): Options | number {
  const others = (name: string): string[] =>
    ['headless', 'check', 'dumpExampleConfig'].filter((other) => other !== name);
  const command = new Command('wiretracer')
    .description(
      'TLS, HTTP/2 and gRPC diagnostic proxy: relays bytes unchanged and records who ended what, and why',
    )
    .version(version, '--version', 'print the version')
    .option('--config <path>', 'configuration file', './config.yaml')
    .addOption(new Option('--headless', 'run without a terminal interface').conflicts(others('headless')))
    .addOption(
      new Option('--check', 'check the configuration and its certificates, print OK').conflicts(
        others('check'),
      ),
    )
    .addOption(
      new Option('--dump-example-config', 'print a documented configuration').conflicts(
        others('dumpExampleConfig'),
      ),
    )
    .addOption(new Option('--gen-config', 'the same').implies({ dumpExampleConfig: true }))
    .option('--log <path>', 'operator log, appended; "-" is standard error', './wiretracer.log')
    .addOption(new Option('--log-level <level>', 'least level logged').choices(logLevels).default('INFO'))
    .option('--jsonl <path>', 'record file, instead of logging.jsonl_path; "-" is standard output')
    .addHelpText('after', EXAMPLES)
    .allowExcessArguments(false)
    .exitOverride();
  try {
    return command.parse(args, { from: 'user' }).opts<Options>();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
}

function load(options: Options): Config | null {
  try {
    const config = loadConfig(options.config);
    return options.jsonl === undefined ? config : { ...config, jsonlPath: options.jsonl };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const count = error.problems.length;
    process.stderr.write(`Config error: ${count} problem${count === 1 ? '' : 's'}\n${error.message}\n`);
    return null;
  }
}

process.exitCode = await main(process.argv.slice(2));
