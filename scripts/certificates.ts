/** Writes the fixture certificates as `<name>.crt` and `<name>.key` (0600), and the CRL of `ca`, into a folder. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { issueFixtures } from '../protos/certificates/fixtures.ts';

const program = new Command('certificates')
  .description('Issue the fixture certificates the fault-server, the fault-client and the suite use.')
  .option('--out <dir>', 'folder to write to, created when missing', 'certs')
  .addHelpText('after', '\nExample:\n  $ npm run certificates -- --out certs')
  .parse();

const out = program.opts<{ out: string }>().out;
await mkdir(out, { recursive: true });
for (const [name, { cert, key, crl }] of Object.entries(await issueFixtures())) {
  await writeWhole(join(out, `${name}.key`), key, 0o600);
  await writeWhole(join(out, `${name}.crt`), cert, 0o644);
  if (crl) await writeWhole(join(out, `${name}.crl`), crl, 0o644);
}

/** A reader never sees half a file, and an interrupted run leaves the old one. */
async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, text, { mode });
  await rename(temporary, path);
}
