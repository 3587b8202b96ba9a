import { createHash, randomUUID } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { isObject } from '../json.ts';
import type { CaseInstance } from './catalog.ts';
import { codeVersion } from './code-version.ts';
import { readSources, type Source } from './sources.ts';

/**
 * The same as `loadCatalog`. The cases of the last time are taken where every file of the catalogue and the code that reads
 * them are what they were then, byte for byte; mistakes are never kept. `cacheFolder` null, not writable, or with
 * anything else in it: everything is read.
 * @throws UsageError as `loadCatalog` does.
 */
export async function cachedCatalog(
  folder: string,
  cacheFolder: string | null = userCacheFolder(),
): Promise<CaseInstance[]> {
  const sources = await readSources(folder);
  const place = createHash('sha256').update(`${process.cwd()}\0${folder}`).digest('hex');
  const path = cacheFolder === null ? null : join(cacheFolder, `${place.slice(0, 32)}.cases`);
  const key = path === null ? null : keyOf(sources);
  const kept = path === null || key === null ? null : keptCases(path, key);
  if (path !== null && kept !== null) {
    touch(path);
    return kept;
  }
  // The parser, the validator and their schemas are most of the start, and needed only here.
  const { expandSources } = await import('./catalog.ts');
  const cases = expandSources(sources);
  // The code may have been edited between the key and the import.
  if (path !== null && key !== null && key === keyOf(sources) && isJson(cases)) keep(path, key, cases);
  return cases;
}

/** What the cases are made of. Null where that cannot be told, as in a bundle of the code. */
function keyOf(sources: Source[]): string | null {
  try {
    const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
    const hash = createHash('sha256').update(codeVersion(new URL(`./catalog${extension}`, import.meta.url)));
    // Places are told from the working directory.
    hash.update(`\0${process.cwd()}`);
    for (const { path, text } of sources) hash.update(`\0${path}\0${text.length}\0${text}`);
    return hash.digest('hex');
  } catch {
    return null;
  }
}

/** A file that is not whole, or of anything else than these very sources, or that others may write, is as good as none. */
function keptCases(path: string, key: string): CaseInstance[] | null {
  try {
    if (![dirname(path), path].every(isOwn)) return null;
    const text = readFileSync(path, 'utf8');
    const end = text.indexOf('\n');
    const content = text.slice(end + 1);
    return text.slice(0, end) === heading(key, content) ? (JSON.parse(content) as CaseInstance[]) : null;
  } catch {
    return null;
  }
}

/** A reader never sees half a file; of two writers at once the last one stays. */
function keep(path: string, key: string, cases: CaseInstance[]): void {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const content = JSON.stringify(cases);
    makeFolder(dirname(dirname(path)));
    makeFolder(dirname(path));
    try {
      writeFileSync(temporary, `${heading(key, content)}\n${content}`, { mode: 0o600 });
      renameSync(temporary, path);
    } finally {
      rmSync(temporary, { force: true });
    }
    forgetOldest(dirname(path));
  } catch {
    // A disk that is full or read-only makes the next start slower, and nothing else.
  }
}

/** One level: in a folder that can have none, as /proc, Node's `recursive` never returns (24.21). */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** What nobody else can have put there: cases that expect less would let a wrong proxy pass. */
function isOwn(path: string): boolean {
  if (process.getuid === undefined) return true;
  const { uid, mode } = statSync(path);
  return uid === process.getuid() && (mode & 0o022) === 0;
}

/** What is used is not among the oldest. */
function touch(path: string): void {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // On a read-only disk nothing is forgotten either.
  }
}

function heading(key: string, content: string): string {
  return `${key} ${createHash('sha256').update(content).digest('hex')}`;
}

/** Catalogues of as many checkouts and folders as anybody works in at once. */
const maxKept = 16;

function forgetOldest(folder: string): void {
  const files = readdirSync(folder).map((name) => join(folder, name));
  const age = new Map(files.map((path) => [path, statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0]));
  const newestFirst = files.sort((left, right) => age.get(right)! - age.get(left)!);
  for (const path of newestFirst.slice(maxKept)) rmSync(path, { force: true });
}

/** Whether a value comes back from JSON as it was: YAML has infinities, -0 and NaN. */
function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (Array.isArray(value)) return value.every(isJson);
  if (isObject(value))
    return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isJson);
  return value === null || typeof value === 'string' || typeof value === 'boolean';
}

/** Where the system keeps what can be made again, for this user alone. */
function userCacheFolder(): string | null {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = process.env;
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'wiretracer');
  if (process.platform === 'win32') return local === undefined ? null : join(local, 'wiretracer', 'cache');
  try {
    const home = homedir();
    if (!isAbsolute(home)) return null;
    return join(home, process.platform === 'darwin' ? 'Library/Caches' : '.cache', 'wiretracer');
  } catch {
    // A user whom the system does not know has no home.
    return null;
  }
}
