/**
 * The walls of the house: which folder may import what. The programs meet only through the wire, so that no oracle can
 * judge with the code it judges. Prints every breach as `file:line:col` and exits 1.
 */
import { globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The tree to check: the first argument, else this repository. */
const root = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..');

/** The other top-level folders each folder may import from. */
const mayImport: Record<string, string[]> = {
  protos: [],
  proxy: ['protos'],
  'fault-server': ['protos'],
  'fault-client': ['protos'],
  cases: ['protos'],
  scripts: ['protos'],
};

/** protos is pure: these would bring sockets, files, processes or timers in. */
const impure = new Set([
  'net',
  'tls',
  'http',
  'http2',
  'https',
  'dgram',
  'fs',
  'fs/promises',
  'child_process',
  'timers',
  'timers/promises',
  'worker_threads',
]);

const breaches: string[] = [];
for (const path of globSync(`{${Object.keys(mayImport).join(',')}}/**/*.ts`, { cwd: root })) checkFile(path);
for (const breach of breaches.sort()) console.error(breach);
if (breaches.length > 0) {
  console.error(
    `${breaches.length} imports through a wall. Programs meet on the wire; what two must agree on goes to protos/.`,
  );
  process.exit(1);
}

function checkFile(path: string): void {
  const source = readFileSync(join(root, path), 'utf8');
  const folder = path.split(sep)[0]!;
  const test = path.endsWith('.test.ts');
  for (const match of source.matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|\bimport\s+)(['"])([^'"\n]+)\1/g)) {
    if (isInsideText(source, match.index)) continue;
    const why = breachOf(match[2]!, path, folder, test);
    if (why) breaches.push(`${path}:${position(source, match.index)}: ${why}`);
  }
  if (folder === 'protos' && !test) {
    for (const match of source.matchAll(/\b(setTimeout|setInterval|setImmediate)\s*\(/g)) {
      breaches.push(
        `${path}:${position(source, match.index)}: protos/ is pure and uses the timer ${match[1]}`,
      );
    }
  }
}

/** A line that begins with a quote is text about code, such as a test's fixture. */
function isInsideText(source: string, index: number): boolean {
  return /^\s*['"`]/.test(source.slice(source.lastIndexOf('\n', index) + 1));
}

function breachOf(target: string, path: string, folder: string, test: boolean): string | null {
  if (!target.startsWith('.')) {
    const name = target.replace(/^node:/, '');
    if (
      folder === 'protos' &&
      !test &&
      impure.has(name) &&
      (target.startsWith('node:') || builtinModules.includes(name))
    ) {
      return `protos/ is pure and imports ${target}`;
    }
    return null;
  }
  // The fuzzer runs these by their path; imported, they would take one package's decoder into another.
  if (target.endsWith('.fuzz.ts')) return `${target} is a fuzz target, which nobody imports`;
  if (!/\.(ts|json|mjs)$/.test(target))
    return `import "${target}" without its extension; write "${target}.ts"`;
  const reached = relative(root, join(root, dirname(path), target)).split(sep)[0]!;
  if (reached === folder || mayImport[folder]!.includes(reached)) return null;
  if (reached === 'package.json') return null;
  return `${folder}/ imports ${reached}/, it may import ${[...mayImport[folder]!, 'libraries'].join(' and ')} only`;
}

function position(source: string, index: number): string {
  const before = source.slice(0, index).split('\n');
  return `${before.length}:${before.at(-1)!.length + 1}`;
}
