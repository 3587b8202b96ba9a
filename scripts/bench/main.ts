import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench } from './bench.ts';
import { runChild } from './children.ts';
import { judge } from './goals.ts';
import { loader } from './load/load.ts';
import type { Options } from './options.ts';
import { painter, reportText } from './report/text.ts';
import { haproxyInstalled } from './subjects/haproxy.ts';
import { everyone, type Stack, type StackId, startStack } from './subjects/stack.ts';
import type { Figure, Report } from './types.ts';
import { works } from './works/index.ts';

/** The exit code. */
export async function main(options: Options, folder: string): Promise<number> {
  const certs = await issueCertificates(folder);
  const report = await measure(options, folder, certs);
  const titles = Object.fromEntries(Object.entries(works).map(([name, work]) => [name, work.title]));
  if (options.json) console.log(JSON.stringify(report, null, 2));
  else console.log(reportText(report, titles, painter(coloured())));
  return 0;
}

async function measure(options: Options, folder: string, certs: string): Promise<Report> {
  const notes: string[] = [];
  const stacks = new Map<StackId, Promise<Stack>>();
  const bench: Bench = {
    effort: options.effort,
    rounds: options.rounds,
    folder,
    certs,
    stack(id) {
      if (!stacks.has(id)) stacks.set(id, startStack(id, certs, folder, everyone));
      return stacks.get(id)!;
    },
    progress,
    note: (text) => notes.push(text),
  };
  if (!haproxyInstalled) notes.push('HAProxy is not installed: goals that need it were not judged');
  const figures: Figure[] = [];
  for (const name of options.only) figures.push(...(await works[name]!.measure(bench)));
  for (const stack of stacks.values()) await (await stack).stop();
  progress('');
  return {
    schema: 'wiretracer-bench/1',
    machine: {
      cpus: cpus().length,
      model: cpus()[0]?.model ?? 'unknown',
      node: process.versions.node,
      loader,
    },
    effort: options.effort,
    rounds: options.rounds,
    figures,
    verdicts: judge(figures, options.only),
    notes,
  };
}

async function issueCertificates(folder: string): Promise<string> {
  const certs = join(folder, 'certs');
  const script = join(dirname(fileURLToPath(import.meta.url)), '../certificates.ts');
  await runChild(process.execPath, [script, '--out', certs]);
  return certs;
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

const coloured = (): boolean => process.stdout.isTTY === true && !process.env.NO_COLOR;
