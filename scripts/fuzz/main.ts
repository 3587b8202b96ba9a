import { relative } from 'node:path';
import type { FuzzConsole } from './console.ts';
import { corpusFolder, keepInput } from './corpus.ts';
import type { Found } from './hunt.ts';
import { minimiseHang } from './minimise-hang.ts';
import type { Options } from './options.ts';
import { type ListedTarget, loadTarget } from './targets.ts';
import { runThread } from './thread.ts';
import { byteCount } from './transcript.ts';

/** Inputs that one run may add to the corpus of a target. */
const mostKept = 40;

/** Runs what the options ask for over `all` targets; gives back the exit code. */
export async function main(
  options: Options,
  out: FuzzConsole,
  signal: AbortSignal,
  all: readonly ListedTarget[],
): Promise<number> {
  const chosen = all.filter(
    ({ name }) => options.target.length === 0 || options.target.some((part) => name.includes(part)),
  );
  if (chosen.length === 0) {
    out.say(`no target is named so; there are ${all.map(({ name }) => name).join(', ')}`, 'red');
    return 2;
  }
  if (options.list) {
    for (const { name, about, file } of chosen) out.say(`${name.padEnd(24)} ${about} (${file})`);
    return 0;
  }
  const threads = Math.min(options.jobs, chosen.length);
  const shares = chosen.reduce((sum, target) => sum + shareOf(target), 0);
  const unitMs = options.executions === undefined ? (options.seconds * 1000 * threads) / shares : null;
  out.say(`seed ${options.seed}, ${chosen.length} targets, ${threads} at a time`);
  const run = createRun(options, unitMs, out, signal);
  // The longest first, so that no thread is left with one at the end.
  const waiting = chosen.toSorted((one, two) => shareOf(two) - shareOf(one));
  await Promise.all(
    Array.from({ length: threads }, async () => {
      for (let next = waiting.shift(); next !== undefined && !signal.aborted; next = waiting.shift())
        await run.target(next);
    }),
  );
  const { executions, findings, broken } = run.counts;
  const failed = findings + broken > 0;
  const unable = broken > 0 ? `, ${broken} targets could not run` : '';
  out.say(
    `${count(executions)} executions, ${chosen.length} targets, ${findings} findings${unable}`,
    failed ? 'red' : 'green',
  );
  if (signal.aborted) return 130;
  return failed ? 1 : 0;
}

function shareOf({ share }: ListedTarget): number {
  return share ?? 1;
}

function createRun(options: Options, unitMs: number | null, out: FuzzConsole, signal: AbortSignal) {
  const corpus = options.corpus ?? corpusFolder;
  const counts = { executions: 0, findings: 0, broken: 0 };
  const hangMs = options.hang * 1000;

  const tell = async (listed: ListedTarget, finding: Found): Promise<void> => {
    const small = finding.kind === 'hang' ? await minimiseHang(listed, finding, hangMs) : finding;
    const { sides } = await loadTarget(listed.file, listed.name);
    const comment = `${small.kind}: ${small.text}`.replaceAll(/[\n\r]/g, ' ');
    const path = keepInput(listed.name, sides, small.steps, {
      why: fileWord(small),
      comment,
      folder: corpus,
    });
    out.say(`FOUND ${listed.name}: ${comment}`, 'red');
    out.say(
      `      ${byteCount(small.steps)} bytes, ${path === null ? 'in the corpus already' : relative('', path)}`,
    );
  };

  return {
    counts,
    async target(listed: ListedTarget): Promise<void> {
      let before = 0;
      const told: Promise<void>[] = [];
      try {
        const { kept, executions } = await runThread({
          job: {
            kind: 'hunt',
            target: listed,
            corpus,
            seed: options.seed,
            milliseconds: unitMs === null ? null : unitMs * shareOf(listed),
            executions: options.executions ?? null,
          },
          hangMs,
          signal,
          found: (finding) => {
            counts.findings++;
            told.push(tell(listed, finding));
          },
          progress: (executions) => {
            counts.executions += executions - before;
            before = executions;
            out.progress(
              `${listed.name}: ${count(executions)}; in all ${count(counts.executions)} executions`,
            );
          },
        });
        // Nothing found is nothing said where nothing was tried.
        if (executions === 0 && told.length === 0 && !signal.aborted)
          throw new Error('its share of the time was over before its first input');
        if (options.grow) await grow(listed, kept, corpus);
      } catch (error) {
        counts.broken++;
        out.say(`${listed.name} could not run: ${(error as Error).stack ?? error}`, 'red');
      }
      await Promise.all(told);
    },
  };
}

async function grow(listed: ListedTarget, kept: Found['steps'][], corpus: string): Promise<void> {
  const { sides } = await loadTarget(listed.file, listed.name);
  const small = kept.filter((steps) => byteCount(steps) <= 2000);
  // Evenly over the run: the first ones are the plainest.
  const every = Math.max(1, Math.ceil(small.length / mostKept));
  for (const [index, steps] of small.entries())
    if (index % every === 0)
      keepInput(listed.name, sides, steps, { why: 'new', comment: '', folder: corpus });
}

function fileWord({ kind }: Found): string {
  return { threw: 'threw', 'depends on the cut': 'cut', 'too much work': 'work', hang: 'hang' }[kind];
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
