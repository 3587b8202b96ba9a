/** `npm run build`: the package to publish, as JavaScript that any Node of `engines` runs without stripping types. */
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = resolve(
  new Command('build')
    .description('Make the package to publish.')
    .option('--out <dir>', 'folder to write; what is in it is removed', join(root, 'dist'))
    .addHelpText('after', '\nExample:\n  $ npm run build && npm pack ./dist')
    .parse()
    .opts<{ out: string }>().out,
);

/** What the programs read by its place beside them, what people read, and the starters. */
const data = [
  '{proxy,fault-server,fault-client,cases,protos}/**/*.{proto,yaml,json,mjs,md}',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
];
const notForUsers = /(^|\/)(testing\/catalog|doubles)\//;

rmSync(out, { recursive: true, force: true });
execFileSync(join(root, 'node_modules/.bin/tsc'), ['--project', 'tsconfig.build.json', '--outDir', out], {
  cwd: root,
  stdio: 'inherit',
});
for (const path of globSync(data, { cwd: root })) if (!notForUsers.test(path)) copy(path);
for (const path of globSync('**/*.{js,mjs}', { cwd: out })) pointToJavaScript(join(out, path));
writeFileSync(join(out, 'package.json'), `${JSON.stringify(publishedPackage(), null, 2)}\n`);

function copy(path: string): void {
  mkdirSync(dirname(join(out, path)), { recursive: true });
  cpSync(join(root, path), join(out, path));
}

/** The compiler rewrites the imports it compiles; starters and files named by `new URL` are left to this. */
function pointToJavaScript(path: string): void {
  const source = readFileSync(path, 'utf8');
  const rewritten = source.replaceAll(
    /(import\(|new URL\()(['"])(\.[^'"]+)\.ts\2/g,
    (_whole, call: string, quote: string, target: string) => `${call}${quote}${target}.js${quote}`,
  );
  if (rewritten !== source) writeFileSync(path, rewritten);
}

/** The checkout itself is private: published, its TypeScript would lie below node_modules/, where Node does not run it. */
function publishedPackage(): object {
  const {
    scripts,
    devDependencies,
    allowScripts,
    private: _,
    ...kept
  } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return kept;
}
