import { resolve } from 'node:path';
import { Command } from 'commander';
import { openCertificates } from './certificates/certificates.ts';
import { control } from './control/control.ts';

const program = new Command('fault-client').option('--control').option('--certs <dir>', '', 'certs');
program.parse();
const options = program.opts();
await control(process.stdin, process.stdout, await openCertificates(resolve(options.certs)));
process.exit(0);
