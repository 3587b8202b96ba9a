import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { didYouMean } from '../../protos/text/nearest.ts';

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
        const names = readdirSync(dir)
          .filter((file) => file.endsWith('.crt'))
          .map((file) => file.slice(0, -4));
        const near = didYouMean(name, names);
        throw new Error(`no certificate "${name}" in ${dir}: ${near}there are ${names.join(', ')}`, {
          cause,
        });
      }
      known.set(name, identity);
    }
    return identity;
  };
}
