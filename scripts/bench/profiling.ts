/** `--profile`: every work once through a proxy that profiles itself. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Bench } from './bench.ts';
import { type CpuProfile, profileText, topFunctions } from './report/profile.ts';
import { names, type Stack, type StackId, startStack } from './subjects/stack.ts';
import { works } from './works/index.ts';

/** Prints the top of each work's profile as soon as there is one. */
export async function profileWorks(chosen: string[], bench: Bench, target: string): Promise<void> {
  mkdirSync(target, { recursive: true });
  for (const work of chosen) {
    if (!works[work]!.profiled) {
      console.log(`${work}: not profiled, it is no work of one Node process`);
      continue;
    }
    const own = join(bench.folder, `profile-${work}`);
    const nodeFlags = ['--cpu-prof', `--cpu-prof-dir=${own}`];
    const stacks = new Map<StackId, Promise<Stack>>();
    await works[work]!.measure({
      ...bench,
      rounds: 1,
      nodeFlags,
      stack(id) {
        if (!stacks.has(id))
          stacks.set(id, startStack(id, bench.certs, bench.folder, [names.proxy], nodeFlags));
        return stacks.get(id)!;
      },
    });
    // The profile is written when the process ends.
    for (const stack of stacks.values()) await (await stack).stop();
    bench.progress('');
    const written = readdirSync(own).filter((name) => name.endsWith('.cpuprofile'));
    if (written.length === 0) throw new Error(`${work}: Node wrote no profile`);
    const path = resolve(target, `${work}.cpuprofile`);
    copyFileSync(join(own, written[0]!), path);
    const profile = JSON.parse(readFileSync(path, 'utf8')) as CpuProfile;
    console.log(`${profileText(work, path, topFunctions(profile, 15))}\n`);
  }
}
