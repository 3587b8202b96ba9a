import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { codeOf, codeVersion } from './code-version.ts';

const catalog = new URL('./catalog.ts', import.meta.url);

/** What Node itself loads for a module, told by a hook of its loader. */
function loadedByNode(entry: URL): string[] {
  const program = `
    const { registerHooks } = await import('node:module');
    const urls = [];
    registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) });
    await import(${JSON.stringify(entry.href)});
    console.log(JSON.stringify(urls));`;
  const text = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  });
  return JSON.parse(text) as string[];
}

test('the code of the loader is what Node loads for it: modules by their source, packages by their manifest', () => {
  // Node tells where a link leads.
  const found = codeOf(catalog).map(({ url }) => pathToFileURL(realpathSync(fileURLToPath(url))).href);
  const loaded = loadedByNode(catalog).filter((url) => url.startsWith('file:'));
  const own = loaded.filter((url) => !url.includes('/node_modules/'));
  expect(own.length).toBeGreaterThan(10);
  expect(found.filter((url) => !url.includes('/node_modules/'))).toEqual(own.sort());
  const packages = loaded.flatMap((url) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+\//.exec(url)?.[0] ?? []);
  expect(packages.length).toBeGreaterThan(10);
  for (const folder of new Set(packages)) expect(found).toContain(`${folder}package.json`);
});

test('the version follows the module, what it imports, and the packages below; not what is imported for its types', () => {
  const folder = mkdtempSync(join(tmpdir(), 'code-version-'));
  const write = (path: string, text: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const version = () => codeVersion(pathToFileURL(join(folder, 'a.ts')));
  write(
    'a.ts',
    "import { dirname } from 'node:path';\nimport type { C } from './c.ts';\nimport {\n  b,\n} from './b.ts';\nawait import('./d.ts');\n",
  );
  write('b.ts', "import 'outer';\nexport const b = 1;\n");
  write('c.ts', 'export type C = 1;\n');
  write('d.ts', "export { e } from './e.ts';\n");
  write('e.ts', 'export const e = 1;\n');
  write('node_modules/outer/package.json', '{"name":"outer","main":"i.js","dependencies":{"inner":"1"}}');
  write('node_modules/outer/i.js', '');
  write('node_modules/inner/package.json', '{"name":"inner","version":"1.0.0","main":"i.js"}');
  write('node_modules/inner/i.js', '');
  const first = version();
  write('c.ts', 'export type C = 2;\n');
  expect(version()).toBe(first);
  const seen = new Set([first]);
  for (const [path, text] of [
    ['b.ts', "import 'outer';\nexport const b = 2;\n"],
    ['e.ts', 'export const e = 2;\n'],
    ['node_modules/inner/package.json', '{"name":"inner","version":"1.0.1","main":"i.js"}'],
    ['a.ts', "import './b.ts';\n"],
  ] as const) {
    write(path, text);
    expect(seen.has(version())).toBe(false);
    seen.add(version());
  }
});
