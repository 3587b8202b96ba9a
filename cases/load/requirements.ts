import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const platforms = ['linux', 'darwin', 'win32', 'freebsd'];
const found = new Map<string, boolean>();
const nodeOf = new Map<string, number | null>();
const versionLimitMs = 5000;

/**
 * The first requirement this machine does not meet, in words, or null when all are met. A requirement is a platform
 * (`linux`), the Node version of the suite's own programs (`node>=24`) or of the proxy under test (`proxy-node>=24`, which
 * no proxy meets whose command does not begin with a Node), or a program that must be on the PATH (`openssl`); `!` turns
 * it round. `proxyCommand`: argv of another proxy than our own.
 */
export function unmetRequirement(
  requirements: string[] = [],
  proxyCommand: string[] = [process.execPath],
): string | null {
  for (const requirement of requirements) {
    const negated = requirement.startsWith('!');
    const name = negated ? requirement.slice(1) : requirement;
    if (met(name, proxyCommand) === negated) return negated ? `not on ${name}` : `needs ${name}`;
  }
  return null;
}

function met(name: string, proxyCommand: string[]): boolean {
  if (platforms.includes(name)) return process.platform === name;
  const [, proxy, least] = /^(proxy-)?node>=(\d+)$/.exec(name) ?? [];
  if (least !== undefined) {
    const version = proxy ? nodeVersion(proxyCommand[0]!) : major(process.version);
    return version !== null && version >= Number(least);
  }
  let answer = found.get(name);
  if (answer === undefined) {
    answer = (process.env.PATH ?? '').split(delimiter).some((folder) => executable(join(folder, name)));
    found.set(name, answer);
  }
  return answer;
}

/** What the program says of itself when it is a Node, else null. */
function nodeVersion(program: string): number | null {
  if (program === process.execPath) return major(process.version);
  let version = nodeOf.get(program);
  if (version === undefined) {
    const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8', timeout: versionLimitMs });
    version = major(stdout ?? '');
    nodeOf.set(program, version);
  }
  return version;
}

function major(version: string): number | null {
  const digits = /^v(\d+)\.\d+\.\d+\s*$/.exec(version)?.[1];
  return digits === undefined ? null : Number(digits);
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
