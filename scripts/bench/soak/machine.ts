import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Raises this process's limit of descriptors, which its children inherit, as far as allowed; returns what it is then. */
export function raiseDescriptors(wanted: number): number {
  if (hardLimit() < wanted) {
    spawnSync('prlimit', [`--pid=${process.pid}`, `--nofile=${wanted}:${wanted}`], { stdio: 'ignore' });
  }
  return hardLimit();
}

/** Node itself raises the soft limit to this when it starts. */
function hardLimit(): number {
  const text = spawnSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).stdout.trim();
  return text === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(text);
}

export function localPorts(): [first: number, last: number] {
  const [first, last] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
    .split(/\s+/)
    .map(Number);
  return [first!, last!];
}

/** Resident bytes of a process and its children together: a proxy of several workers is one proxy. */
export function residentBytes(pid: number): number {
  const pids = [pid, ...childrenOf(pid)];
  return (
    pids.reduce(
      (sum, one) => sum + Number(/^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${one}/status`))?.[1] ?? 0),
      0,
    ) * 1024
  );
}

function childrenOf(parent: number): number[] {
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return pids.filter((pid) => Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1]) === parent);
}

/** Empty for a process that ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
