import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Inside the repository, so that the programs find their dependencies as an installed package does. */
const out = mkdtempSync(join(root, '.build-test-'));

const node = (...args: string[]) => execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' });

// The compiler may have to share the machine with every other test.
beforeAll(() => void node('scripts/build.ts', '--out', out), 180_000);
afterAll(() => rmSync(out, { recursive: true, force: true }));

test('the built programs are named by the package, start and tell their options', () => {
  const { bin, engines, ...rest } = JSON.parse(readFileSync(join(out, 'package.json'), 'utf8'));
  expect(Object.keys(bin)).toEqual(['wiretracer', 'fault-server', 'fault-client', 'wiretracer-suite']);
  for (const key of ['private', 'scripts', 'devDependencies']) expect(rest).not.toHaveProperty(key);
  expect(engines.node).toBe('>=22.18');
  for (const path of Object.values<string>(bin)) expect(node(join(out, path), '--help')).toContain('Usage:');
});

test('nothing in the build points to TypeScript', () => {
  expect(globSync('**/*.ts', { cwd: out })).toEqual([]);
  const pointing = globSync('**/*.{js,mjs}', { cwd: out }).filter((path) =>
    /(from |import\(|new URL\()['"]\.[^'"]*\.ts['"]/.test(readFileSync(join(out, path), 'utf8')),
  );
  expect(pointing).toEqual([]);
});

test('the built suite finds its catalogue, its programs and their data, gRPC schemas too', () => {
  const cases = ['smoke_h1_plain', 'smoke_tls.h2', 'grpc_status.5.grpc', 'grpc_status.5.grpc_native'];
  const suite = [join(out, 'cases/bin.mjs'), ...cases, '--out', join(out, 'reports')];
  expect(node(...suite)).toMatch(/4 passed, 0 failed\s*$/);
});
