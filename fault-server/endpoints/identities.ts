import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate and its key by fixture name, PEM. Throws when there is none of that name. */
export type Identities = (name: string) => { cert: string; key: string };

/** Identities from `<dir>/<name>.crt` and `<dir>/<name>.key`, each read once. */
export function identitiesIn(dir: string): Identities {
  const known = new Map<string, { cert: string; key: string }>();
  return (name) => {
    let identity = known.get(name);
    if (!identity) {
      if (!/^[a-z0-9_]+$/.test(name)) throw new Error(`bad certificate name "${name}"`);
      try {
        identity = {
          cert: readFileSync(join(dir, `${name}.crt`), 'utf8'),
          key: readFileSync(join(dir, `${name}.key`), 'utf8'),
        };
      } catch (cause) {
        throw new Error(`no certificate "${name}" in ${dir}`, { cause });
      }
      known.set(name, identity);
    }
    return identity;
  };
}
