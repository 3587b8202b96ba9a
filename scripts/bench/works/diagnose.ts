/** A million records through `wiretracer diagnose`. */
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Bench, scaled } from '../bench.ts';
import { runChild, startChild } from '../children.ts';
import { programs } from '../subjects/subject.ts';
import type { Figure } from '../types.ts';
import { multiplyRecords } from './multiply-records.ts';

export const title = 'wiretracer diagnose: a million records of mixed traffic, some of it broken';
export const profiled = false;

const proxy = join(programs, '../../../proxy/bin.mjs');
const scenario = join(programs, '../../scenarios/cli.ts');
const sampleEveryMs = 20;

export async function measure(bench: Bench): Promise<Figure[]> {
  const own = (metric: string, unit: string): Figure => ({
    work: 'diagnose',
    subject: 'diagnose',
    metric,
    unit,
    better: 'less',
    values: [],
  });
  const wall = own('time for a million', 's');
  const memory = own('peak memory', 'MB');
  const records = Math.max(50_000, scaled(1_000_000, bench.effort));
  bench.progress('diagnose: recording a sample');
  const folder = join(bench.folder, 'diagnose');
  await runChild(process.execPath, [scenario, 'L.one-broken', '--json', '--keep', folder]);
  bench.progress(`diagnose: writing ${records} records`);
  const path = join(folder, 'many.jsonl');
  await multiplyRecords(join(folder, 'records.jsonl'), path, records);
  const rounds = Math.min(3, bench.rounds);
  for (let round = 1; round <= rounds; round++) {
    bench.progress(`diagnose: round ${round} of ${rounds}`);
    const { seconds, peakBytes } = await timed([proxy, 'diagnose', '--json', path]);
    wall.values.push((seconds * 1_000_000) / records);
    memory.values.push(peakBytes === null ? null : peakBytes / 1e6);
  }
  rmSync(path);
  return [wall, memory];
}

/** Exit 1 is what findings make of it. */
async function timed(args: string[]): Promise<{ seconds: number; peakBytes: number | null }> {
  const started = performance.now();
  const child = startChild(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  let peakBytes: number | null = null;
  const timer = setInterval(() => {
    peakBytes = highWater(child.pid!) ?? peakBytes;
  }, sampleEveryMs);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearInterval(timer);
  if (code !== 1) throw new Error(`wiretracer diagnose ended with ${code}, not with findings`);
  return { seconds: (performance.now() - started) / 1000, peakBytes };
}

/** The largest resident set so far, which only grows: proc(5), VmHWM. Null where the system does not tell. */
function highWater(pid: number): number | null {
  try {
    const kib = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? null : Number(kib) * 1024;
  } catch {
    // It has just ended, or this is no Linux.
    return null;
  }
}
