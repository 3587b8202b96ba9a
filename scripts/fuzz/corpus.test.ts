import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { corpusFolder, readCorpus } from './corpus.ts';
import { listTargets, loadTarget } from './targets.ts';
import { runThread } from './thread.ts';

const targets = await listTargets();

test('every folder of the corpus belongs to a target', () => {
  const names = targets.map(({ name }) => name);
  expect(readdirSync(corpusFolder).filter((folder) => !names.includes(folder))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});

test.each(targets)('$name: its seeds and its corpus, cut in every way', async ({ name, file }) => {
  const target = await loadTarget(file, name);
  const seeds = target.seeds().map((steps, index) => ({ name: `seed ${index + 1}`, steps }));
  const files = [...seeds, ...readCorpus(name, target.sides)];
  const found: string[] = [];
  const { executions } = await runThread({
    file,
    name,
    job: { kind: 'replay', files },
    corpus: corpusFolder,
    hangMs: 20_000,
    found: (finding, from) => found.push(`${from}: ${finding.kind}: ${finding.text}`),
  });
  expect(found).toEqual([]);
  expect(executions).toBeGreaterThanOrEqual(files.length);
});
