import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readCorpus } from './corpus.ts';
import { main } from './main.ts';
import type { Options } from './options.ts';
import { runThread } from './thread.ts';

const file = 'scripts/fuzz/testing/broken.fuzz.ts';
const targets = ['throws', 'hangs', 'right'].map((name) => ({ name, file, about: `it ${name}` }));
let corpus: string;
beforeEach(() => {
  corpus = mkdtempSync(join(tmpdir(), 'fuzz-'));
});
afterEach(() => rmSync(corpus, { recursive: true }));

async function fuzz(given: Partial<Options>) {
  const lines: string[] = [];
  const options: Options = {
    seconds: 1,
    executions: 3000,
    target: [],
    jobs: 1,
    seed: 1,
    // Only who hangs may be taken for hanging, however busy the machine is.
    hang: 25,
    corpus,
    grow: false,
    list: false,
    ...given,
  };
  const out = { progress: () => {}, say: (text: string) => void lines.push(text) };
  const code = await main(options, out, new AbortController().signal, targets);
  return { code, lines };
}

test('a target that throws: exit 1, the input in the corpus, which fails when it is replayed', async () => {
  const { code, lines } = await fuzz({ target: ['throws'] });
  expect(code).toBe(1);
  expect(lines[0]).toBe('seed 1, 1 targets, 1 at a time');
  expect(lines[1]).toMatch(/^FOUND throws: threw: TypeError: no A at fuzz\/testing\/broken\.fuzz\.ts:\d+$/);
  expect(lines.at(-1)).toMatch(/^[\d,]+ executions, 1 targets, 1 findings$/);
  const [name] = readdirSync(join(corpus, 'throws'));
  expect(readFileSync(join(corpus, 'throws', name!), 'utf8')).toMatch(
    /^# threw: TypeError: no A.*\npeer \S+\n$/,
  );
  expect(await replay('throws')).toEqual([expect.stringMatching(/^throws: threw-.*: threw$/)]);
});

test('a target that hangs: its thread is ended, the input made small and kept', async () => {
  const { code, lines } = await fuzz({ target: ['hangs'], hang: 0.2 });
  expect(code).toBe(1);
  expect(lines[1]).toBe('FOUND hangs: hang: one input took longer than 200 ms');
  const [kept] = readCorpus('hangs', ['peer'], corpus);
  expect(kept!.steps.length).toBe(1);
  expect(await replay('hangs', 500)).toEqual([expect.stringMatching(/^hangs: hang-.*: hang$/)]);
}, 90_000);

test('nothing found: exit 0; the same seed repeats a run', async () => {
  const { code, lines } = await fuzz({ target: ['right'] });
  expect(code).toBe(0);
  expect(lines.at(-1)).toMatch(/^3,\d\d\d executions, 1 targets, 0 findings$/);
  expect((await fuzz({ target: ['right'] })).lines).toEqual(lines);
});

test('a target whose time was over before its first input could not run: exit 1', async () => {
  const { code, lines } = await fuzz({ target: ['right'], seconds: 1e-6, executions: undefined });
  expect(code).toBe(1);
  expect(lines.at(-1)).toBe('0 executions, 1 targets, 0 findings, 1 targets could not run');
});

test('--grow keeps what was new, --list only tells, a name that none has is a mistake', async () => {
  await fuzz({ target: ['right'], grow: true });
  expect(readCorpus('right', ['peer'], corpus).length).toBeGreaterThan(0);
  expect((await fuzz({ list: true })).lines).toHaveLength(3);
  expect(await fuzz({ target: ['none'] })).toMatchObject({
    code: 2,
    lines: ['no target is named so; there are throws, hangs, right'],
  });
});

async function replay(name: string, hangMs = 25_000): Promise<string[]> {
  const found: string[] = [];
  await runThread({
    job: { kind: 'replay', inputs: [{ name, file, inputs: readCorpus(name, ['peer'], corpus) }] },
    hangMs,
    found: ({ kind }, input) => void found.push(`${input}: ${kind}`),
  });
  return found;
}
