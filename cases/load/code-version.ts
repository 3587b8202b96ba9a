import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * A name that changes with anything that decides what a module does: its source, that of every module it imports, the
 * `package.json` of every package below it, this Node.
 */
export function codeVersion(entry: URL): string {
  const hash = createHash('sha256').update(process.version);
  for (const { url, text } of codeOf(entry)) hash.update(`\0${url}\0${text}`);
  return hash.digest('hex');
}

/** The modules that loading `entry` loads, and the manifests of the packages among them, whose versions stand for their code. */
export function codeOf(entry: URL): { url: string; text: string }[] {
  const found = new Map<string, string>();
  const waiting = [entry];
  for (let module = waiting.pop(); module !== undefined; module = waiting.pop()) {
    if (found.has(module.href)) continue;
    const text = readFileSync(module, 'utf8');
    found.set(module.href, text);
    if (module.pathname.endsWith('package.json')) {
      for (const name of dependenciesOf(text)) waiting.push(manifestOf(name, module));
    } else {
      for (const specifier of importsOf(text)) {
        if (specifier.startsWith('.')) waiting.push(new URL(specifier, module));
        else if (!specifier.startsWith('node:')) waiting.push(manifestOf(specifier, module));
      }
    }
  }
  return [...found].map(([url, text]) => ({ url, text })).sort((a, b) => (a.url < b.url ? -1 : 1));
}

/** What is imported for its types alone is gone when the code runs. */
function importsOf(source: string): string[] {
  const running = source.replaceAll(/^(import|export) type [^;]*;$/gm, '');
  return [...running.matchAll(/\b(?:from|import)\s*\(?\s*['"]([^'"\n]+)['"]/g)].map(([, name]) => name!);
}

function dependenciesOf(manifest: string): string[] {
  return Object.keys((JSON.parse(manifest) as { dependencies?: object }).dependencies ?? {});
}

function manifestOf(specifier: string, from: URL): URL {
  const path = findPackageJSON(specifier, fileURLToPath(from));
  if (path === undefined) throw new Error(`${specifier} is no package that ${from} could import`);
  return pathToFileURL(path);
}
