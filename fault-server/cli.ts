import { Command } from 'commander';
import { ensureCertificates } from './certificates.ts';
import { control } from './control/control.ts';
import { identitiesIn } from './endpoints/identities.ts';

const program = new Command('fault-server')
  .description('An upstream that misbehaves on request, and reports what reached it')
  .option('--control', 'serve the line protocol on stdin and stdout')
  .option('--certs <dir>', 'directory of certificates, made when missing', './certs');

program.parse();
const options = program.opts<{ control?: boolean; certs: string }>();

if (options.control) {
  await ensureCertificates(options.certs);
  await control(process.stdin, (line) => process.stdout.write(line), identitiesIn(options.certs));
  process.exit(0);
}
