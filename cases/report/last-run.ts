import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { UsageError } from '../exit-codes.ts';
import type { CaseResult } from '../run/results.ts';

export type LastRun = {
  schema: 'wiretracer-last-run/1';
  seed: number | null;
  shard: string | null;
  failed: string[];
  flaky: string[];
  notRun: string[];
  /** Milliseconds by TID. */
  durations: Record<string, number>;
};

const names = { type: 'array', items: { type: 'string' } };
const properties: { [Key in keyof LastRun]: object } = {
  schema: { const: 'wiretracer-last-run/1' },
  seed: { type: ['integer', 'null'] },
  shard: { type: ['string', 'null'] },
  failed: names,
  flaky: names,
  notRun: names,
  durations: { type: 'object', additionalProperties: { type: 'number' } },
};
const lastRunSchema = { type: 'object', required: Object.keys(properties), properties };

/** What a run leaves for the next one. Every planned case without a verdict counts as not run. */
export function lastRun(
  planned: string[],
  results: CaseResult[],
  seed: number | null,
  shard: string | null,
): LastRun {
  const done = new Set(results.filter(({ status }) => status !== 'not-run').map(({ tid }) => plainTid(tid)));
  const tids = (list: CaseResult[]) => [...new Set(list.map(({ tid }) => plainTid(tid)))];
  return {
    schema: 'wiretracer-last-run/1',
    seed,
    shard,
    failed: tids(results.filter(({ status }) => status === 'failed' || status === 'error')),
    flaky: tids(results.filter(({ flaky }) => flaky)),
    notRun: planned.filter((tid) => !done.has(tid)),
    durations: Object.fromEntries(results.map(({ tid, durationMs }) => [tid, durationMs])),
  };
}

/** A reader never sees half a file. */
export function writeAtomically(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}

/** The TIDs to run again: failed and not run. @throws UsageError for a missing or corrupt file. */
export function readLastRun(path: string): string[] {
  const { failed, notRun } = readLastRunFile(path);
  return [...new Set([...failed, ...notRun])];
}

export function readLastRunFile(path: string): LastRun {
  if (!existsSync(path)) throw new UsageError(`${path} does not exist: there is no last run to take up`);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`${path} is not JSON: ${(error as Error).message}`);
  }
  const valid = new Ajv2020({ strict: false, meta: false, validateSchema: false }).compile(lastRunSchema);
  if (!valid(content)) {
    const [error] = valid.errors ?? [];
    throw new UsageError(`${path} is not a last-run file: ${error?.instancePath || 'it'} ${error?.message}`);
  }
  return content as LastRun;
}

export function mergeLastRuns(parts: LastRun[]): LastRun {
  const union = (pick: (part: LastRun) => string[]) => [...new Set(parts.flatMap(pick))];
  return {
    schema: 'wiretracer-last-run/1',
    seed: parts[0]?.seed ?? null,
    shard: null,
    failed: union(({ failed }) => failed),
    flaky: union(({ flaky }) => flaky),
    notRun: union(({ notRun }) => notRun),
    durations: Object.assign({}, ...parts.map(({ durations }) => durations)),
  };
}

/** Without the number --repeat-each gives. */
function plainTid(tid: string): string {
  return tid.replace(/#\d+$/, '');
}
