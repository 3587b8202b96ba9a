import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const script = fileURLToPath(new URL('./walls.ts', import.meta.url));
let tree: string;
beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'walls-'));
});
afterEach(() => rmSync(tree, { recursive: true }));

test.each([
  [
    'proxy/a.ts',
    "import { b } from '../cases/b.ts';",
    'proxy/a.ts:1:14: proxy/ imports cases/, it may import protos and libraries only',
  ],
  [
    'cases/a.ts',
    "\nconst x = await import('../proxy/b.ts');",
    'cases/a.ts:2:17: cases/ imports proxy/, it may import protos and libraries only',
  ],
  [
    'fault-client/x/a.ts',
    "export { b } from '../../fault-server/b.ts';",
    'fault-client/x/a.ts:1:14: fault-client/ imports fault-server/, it may import protos and libraries only',
  ],
  ['protos/a.ts', "import net from 'node:net';", 'protos/a.ts:1:12: protos/ is pure and imports node:net'],
  [
    'protos/a.ts',
    'setTimeout(() => {}, 1);',
    'protos/a.ts:1:1: protos/ is pure and uses the timer setTimeout',
  ],
  [
    'proxy/a.ts',
    "import { targets } from './b.fuzz.ts';",
    'proxy/a.ts:1:20: ./b.fuzz.ts is a fuzz target, which nobody imports',
  ],
  [
    'proxy/a.ts',
    "import { b } from './b';",
    'proxy/a.ts:1:14: import "./b" without its extension; write "./b.ts"',
  ],
])('%s with %j is a breach', (path, source, breach) => {
  write(path, source);
  const { status, stderr } = check();
  expect(stderr.split('\n')[0]).toBe(breach);
  expect(status).toBe(1);
});

test('what the house allows passes', () => {
  write(
    'proxy/a.ts',
    "import { x } from '../protos/x.ts';\nimport { Command } from 'commander';\nimport './b.ts';",
  );
  write('protos/x.ts', "import { createHash } from 'node:crypto';");
  write('protos/x.test.ts', "import net from 'node:net';");
  expect(check()).toMatchObject({ status: 0, stderr: '' });
});

function write(path: string, source: string): void {
  mkdirSync(join(tree, dirname(path)), { recursive: true });
  writeFileSync(join(tree, path), source);
}

function check() {
  const { status, stderr } = spawnSync(process.execPath, [script, tree], { encoding: 'utf8' });
  return { status, stderr };
}
