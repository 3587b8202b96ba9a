import { CommanderError } from 'commander';
import { writtenTogether } from '../protos/control/written-together.ts';
import { openCertificates } from './certificates/certificates.ts';
import { describeFault, listFaults } from './cli/catalogue.ts';
import { type CliOptions, program } from './cli/program.ts';
import { runForPeople } from './cli/run-for-people.ts';
import { control } from './control/control.ts';
import { messageOf } from './run/run-error.ts';

/** 0: what was asked for happened. 1: it did not. 2: the command line was wrong. */
async function main(): Promise<number> {
  const command = program(process.argv);
  const options = command.opts<CliOptions>();
  const json = options.json ?? false;
  if (options.list || (options.layer !== undefined && options.fault === undefined))
    return print(listFaults(options.layer, json));
  if (options.describe !== undefined) return print(describeFault(options.describe, json));
  const [target] = command.args;
  if (target !== undefined && options.target !== undefined && target !== options.target)
    throw new Error(`both ${target} and --target ${options.target} are given; write one of them`);
  options.target ??= target;
  const certificates = await openCertificates(options.certs);
  if (options.control) {
    process.on('exit', () => process.stdout.uncork());
    await control(process.stdin, writtenTogether(process.stdout, setImmediate), certificates);
    return 0;
  }
  return runForPeople(options, certificates);
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof CommanderError)) process.stderr.write(`fault-client: ${messageOf(error)}\n`);
  process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? 0 : 2;
}
// Standard input is still open in control mode, and a peer that never closes must not keep the program.
process.stdout.write('', () => process.exit());
