import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { parseOptions } from './options.ts';

const options = (...args: string[]) => parseOptions(['node', 'bench', ...args]);

function refused(...args: string[]): string {
  const run = spawnSync(process.execPath, ['scripts/bench/cli.ts', ...args], { encoding: 'utf8' });
  expect(run.status).toBe(2);
  return run.stderr;
}

test('works come in their order, whatever order they were asked in', () => {
  expect(options('--only', 'hpack,small').only).toEqual(['small', 'hpack']);
});

test('--ci is short, and what is given with it counts', () => {
  const { only, effort, rounds } = options('--ci');
  expect({ only, effort, rounds }).toEqual({
    only: ['small', 'large', 'connections'],
    effort: 0.25,
    rounds: 3,
  });
  expect(options('--ci', '--rounds', '1')).toMatchObject({ rounds: 1, effort: 0.25 });
});

test('a mistake is told in words, with exit code 2', () => {
  expect(refused('--only', 'smal')).toContain('no work "smal"; write some of small,large,');
  expect(refused('--rounds', '1.5')).toContain('write a whole number above 0');
  expect(refused('--effort', '0')).toContain('write a number above 0');
  expect(refused('--tolerance', '0.1')).toContain('--tolerance needs --compare FILE');
  expect(refused('--profile', 'x', '--json')).toContain('--profile measures nothing');
});
