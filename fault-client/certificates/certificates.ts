import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { didYouMean } from '../../protos/text/nearest.ts';
import { fileTrouble } from '../../protos/text/system-error.ts';

export type Identity = { cert: string; key: string };

/** The fixture certificates of one directory, read once by name. */
export type Certificates = {
  /** Throws for an unknown name, with the names there are. */
  get(name: string): Identity;
  /** An identity from the user's own files, under a name of its own. */
  add(name: string, identity: Identity): void;
};

/** Open `directory` (`<name>.crt`, `<name>.key`); when it has no CA, issue the whole set into it first. */
export async function openCertificates(directory: string): Promise<Certificates> {
  if (!existsSync(join(directory, 'ca.crt'))) {
    try {
      await issueInto(directory);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
      throw new Error(
        `no certificates can be made in ${directory} (${fileTrouble(error)}); choose another folder with --certs`,
        { cause: error },
      );
    }
  }
  const known = new Map<string, Identity>();
  return {
    get: (name) => {
      const identity = known.get(name) ?? readIdentity(directory, name);
      known.set(name, identity);
      return identity;
    },
    add: (name, identity) => void known.set(name, identity),
  };
}

function readIdentity(directory: string, name: string): Identity {
  const certFile = join(directory, `${name}.crt`);
  if (!/^[\w.-]+$/.test(name) || !existsSync(certFile)) {
    const names = readdirSync(directory)
      .filter((file) => file.endsWith('.crt'))
      .map((file) => file.slice(0, -4));
    throw new Error(
      `no certificate "${name}" in ${directory}: ${didYouMean(name, names)}there are ${names.join(', ')}`,
    );
  }
  try {
    return {
      cert: readFileSync(certFile, 'utf8'),
      key: readFileSync(join(directory, `${name}.key`), 'utf8'),
    };
  } catch (error) {
    const { path } = error as NodeJS.ErrnoException;
    throw new Error(`${path ?? certFile}: ${fileTrouble(error)}; choose another folder with --certs`, {
      cause: error,
    });
  }
}

/** Several programs may start at once on an empty directory: the set appears whole by one rename, and the first wins. */
async function issueInto(directory: string): Promise<void> {
  // Loaded when needed alone: the certificate library is the slowest import of the program.
  const { issueFixtures } = await import('../../protos/certificates/fixtures.ts');
  const fixtures = await issueFixtures();
  const staging = join(dirname(directory), `.${randomUUID()}.certs`);
  mkdirSync(staging, { recursive: true });
  try {
    for (const [name, identity] of Object.entries(fixtures)) {
      writeFileSync(join(staging, `${name}.key`), identity.key, { mode: 0o600 });
      writeFileSync(join(staging, `${name}.crt`), identity.cert);
      if (identity.crl) writeFileSync(join(staging, `${name}.crl`), identity.crl);
    }
    renameSync(staging, directory);
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    if (!existsSync(join(directory, 'ca.crt'))) throw error;
  }
}
