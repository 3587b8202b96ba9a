import { spawnSync } from 'node:child_process';

/** The hard limit of open files. Node and HAProxy raise their soft limit to it by themselves. */
export function openFileLimit(): number {
  limit ??= Number(spawnSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).stdout) || 1 << 20;
  return limit;
}

/** How many connections a relay can hold open, two descriptors each, with some to spare for itself. */
export const relayedConnections = (wanted: number, limit = openFileLimit()): number =>
  Math.min(wanted, (limit - 200) >> 1);

let limit: number | undefined;
