import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const platforms = ['linux', 'darwin', 'win32', 'freebsd'];
const found = new Map<string, boolean>();

/**
 * The first requirement this machine does not meet, in words, or null when all are met. A requirement is a platform
 * (`linux`), a Node version (`node>=24`), or a program that must be on the PATH (`openssl`); `!` turns it round.
 */
export function unmetRequirement(requirements: string[] = []): string | null {
  for (const requirement of requirements) {
    const negated = requirement.startsWith('!');
    const name = negated ? requirement.slice(1) : requirement;
    if (met(name) === negated) return negated ? `not on ${name}` : `needs ${name}`;
  }
  return null;
}

function met(name: string): boolean {
  if (platforms.includes(name)) return process.platform === name;
  const node = /^node>=(\d+)$/.exec(name);
  if (node) return Number(process.versions.node.split('.')[0]) >= Number(node[1]);
  let answer = found.get(name);
  if (answer === undefined) {
    answer = (process.env.PATH ?? '').split(delimiter).some((folder) => executable(join(folder, name)));
    found.set(name, answer);
  }
  return answer;
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
