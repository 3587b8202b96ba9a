import { CommanderError } from 'commander';
import { openCertificates } from './certificates/certificates.ts';
import { describeFault, listFaults } from './cli/catalogue.ts';
import { type CliOptions, program } from './cli/program.ts';
import { runForPeople } from './cli/run-for-people.ts';
import { control } from './control/control.ts';
import { messageOf } from './run/run-error.ts';

/** 0: what was asked for happened. 1: it did not. 2: the command line was wrong. */
async function main(): Promise<number> {
  const options = program(process.argv).opts<CliOptions>();
  if (options.list) return print(listFaults(options.layer));
  if (options.describe !== undefined) return print(describeFault(options.describe));
  const certificates = await openCertificates(options.certs);
  if (options.control) {
    await control(process.stdin, process.stdout, certificates);
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
