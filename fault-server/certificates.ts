import { existsSync } from 'node:fs';
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { issueFixtures as IssueFixtures } from '../protos/certificates/fixtures.ts';
import { fileTrouble } from '../protos/text/system-error.ts';

/**
 * Makes `dir` hold the fixture certificates `<name>.crt` and `<name>.key` (keys readable by their owner alone).
 * A directory that has a `server.crt` is left as it is. Returns whether it was made.
 */
export async function ensureCertificates(dir: string): Promise<boolean> {
  if (existsSync(join(dir, 'server.crt'))) return false;
  // Loaded when needed alone: the certificate library is the slowest import of the program.
  const { issueFixtures } = await import('../protos/certificates/fixtures.ts');
  const fixtures = await issueFixtures();
  try {
    await write(dir, fixtures);
  } catch (error) {
    throw new Error(
      `no certificates can be made in ${dir} (${fileTrouble(error)}); choose another folder with --certs`,
      { cause: error },
    );
  }
  return true;
}

async function write(dir: string, fixtures: Awaited<ReturnType<typeof IssueFixtures>>): Promise<void> {
  await mkdir(dir, { recursive: true });
  const files = Object.entries(fixtures).flatMap(([name, { cert, key, crl }]) => [
    { path: join(dir, `${name}.key`), text: key, mode: 0o600 },
    ...(crl ? [{ path: join(dir, `${name}.crl`), text: crl, mode: 0o644 }] : []),
    { path: join(dir, `${name}.crt`), text: cert, mode: 0o644 },
  ]);
  // `server.crt` comes last and by rename: it is the sign that the directory is whole.
  files.sort((a, b) => Number(a.path.endsWith('/server.crt')) - Number(b.path.endsWith('/server.crt')));
  for (const { path, text, mode } of files) {
    const temporary = `${path}.${process.pid}`;
    await writeFile(temporary, text, { mode });
    await chmod(temporary, mode);
    await rename(temporary, path);
  }
}
