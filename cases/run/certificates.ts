import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fixtureNames } from '../../protos/certificates/names.ts';
import { InfrastructureError } from '../exit-codes.ts';

/** Below the 30 days after which the fixture that is not valid yet would become valid. */
const maxAgeMs = 20 * 24 * 3600 * 1000;

const place = '.cache/certs';

/** The folder where its certificates are all there and fresh, else null. */
export function freshFolder(): string | null {
  const folder = resolve(place);
  const ca = join(folder, 'ca.crl');
  const isWhole = fixtureNames.every((name) => existsSync(join(folder, `${name}.crt`)));
  return isWhole && existsSync(ca) && Date.now() - statSync(ca).mtimeMs < maxAgeMs ? folder : null;
}

/** The folder of fixture certificates, issued once and reused while it is fresh. */
export async function fixtureCertificates(): Promise<string> {
  const known = freshFolder();
  if (known !== null) return known;
  const folder = resolve(place);
  mkdirSync(dirname(folder), { recursive: true });
  const script = fileURLToPath(new URL('../../scripts/certificates.ts', import.meta.url));
  const { execa } = await import('execa');
  const { failed, stderr } = await execa(process.execPath, [script, '--out', folder], { reject: false });
  if (failed) throw new InfrastructureError(`the fixture certificates could not be issued:\n${stderr}`);
  return folder;
}
