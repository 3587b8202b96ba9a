import { readdirSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { corpusFolder, readCorpus } from './corpus.ts';
import { listTargets, loadTarget } from './targets.ts';
import { runThread } from './thread.ts';

const targets = await listTargets();
const found: string[] = [];

/** In a thread of its own, which can be ended when an input hangs it. */
beforeAll(async () => {
  const inputs = await Promise.all(
    targets.map(async ({ name, file }) => {
      const target = await loadTarget(file, name);
      const seeds = target.seeds().map((steps, index) => ({ name: `seed ${index + 1}`, steps }));
      return { name, file, inputs: [...seeds, ...readCorpus(name, target.sides)] };
    }),
  );
  const { executions } = await runThread({
    job: { kind: 'replay', inputs },
    hangMs: 20_000,
    found: ({ kind, text }, input) => void found.push(`${input}: ${kind}: ${text}`),
  });
  const files = inputs.flatMap((target) => target.inputs).length;
  if (executions < files && found.length === 0) found.push(`${executions} decodings of ${files} inputs`);
}, 120_000);

test('every folder of the corpus belongs to a target, and names are unique', () => {
  const names = targets.map(({ name }) => name);
  expect(readdirSync(corpusFolder).filter((folder) => !names.includes(folder))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});

test.each(targets)('$name: its seeds and its corpus, cut in every way', ({ name }) => {
  expect(found.filter((finding) => finding.startsWith(`${name}: `))).toEqual([]);
});

test('every input has been decoded', () => {
  expect(found).toEqual([]);
});
