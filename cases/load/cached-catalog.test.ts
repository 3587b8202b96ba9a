import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { cachedCatalog } from './cached-catalog.ts';
import { loadCatalog } from './catalog.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const text = (tid: string, title = 'Something') => `
cases:
  - tid: ${tid}
    title: ${title}
    matrix: { proto: [h1, h2] }
    upstream: { kind: http }
    client: { proto: '\${proto}' }
    expect: { records: [{ kind: conn }] }
`;

/** A catalogue of two files, a folder for the cache, and the cases it gives, twice: read and kept. */
function catalogue() {
  const folder = mkdtempSync(join(tmpdir(), 'catalogue-'));
  const cache = join(mkdtempSync(join(tmpdir(), 'kept-')), 'cache');
  const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
  write('a.yaml', text('one'));
  write('b.yaml', text('two'));
  const file = () => join(cache, readdirSync(cache)[0]!);
  return { folder, cache, write, file, read: () => cachedCatalog(folder, cache) };
}
const tids = (cases: { tid: string }[]) => cases.map(({ tid }) => tid);
const mistake = (read: Promise<unknown>) =>
  read.then(
    () => 'none',
    (error: Error) => error.message,
  );

test('what is kept is the whole catalogue, the same as it is read', async () => {
  const folder = join(root, 'cases/catalog');
  const cache = mkdtempSync(join(tmpdir(), 'kept-'));
  const read = await loadCatalog(folder);
  expect(await cachedCatalog(folder, cache)).toStrictEqual(read);
  expect(readdirSync(cache)).toHaveLength(1);
  expect(await cachedCatalog(folder, cache)).toStrictEqual(read);
});

test('what is kept is used: another content with its own sum is given as it is', async () => {
  const { read, file } = catalogue();
  const cases = await read();
  const content = JSON.stringify(cases.map((one) => ({ ...one, title: 'kept' })));
  const [key] = readFileSync(file(), 'utf8').split(' ');
  writeFileSync(file(), `${key} ${createHash('sha256').update(content).digest('hex')}\n${content}`);
  expect((await read()).map(({ title }) => title)).toEqual(['kept', 'kept', 'kept', 'kept']);
});

test('a file that changed, came, or went is read anew', async () => {
  const { read, write } = catalogue();
  await read();
  write('b.yaml', text('two', 'Otherwise'));
  expect((await read()).map(({ title }) => title)).toEqual([
    'Something',
    'Something',
    'Otherwise',
    'Otherwise',
  ]);
  write('b.yaml', text('three'));
  expect(tids(await read())).toEqual(['one.h1', 'one.h2', 'three.h1', 'three.h2']);
  write('c.yaml', text('four'));
  expect(tids(await read())).toHaveLength(6);
});

test('mistakes are told each time with their place, a TID taken by another file among them', async () => {
  const { read, write, folder } = catalogue();
  await read();
  write('c.yaml', text('one'));
  const taken = await mistake(read());
  expect(taken).toMatch(/c\.yaml:3:1: TID one\.h1 is already taken by .*a\.yaml:3;/);
  expect(await mistake(read())).toBe(taken);
  expect(await mistake(loadCatalog(folder))).toBe(taken);
  write('c.yaml', text('four').replace('title', 'titel'));
  expect(await mistake(read())).toMatch(/c\.yaml:3:5: title is missing/);
  write('c.yaml', text('four'));
  expect(tids(await read())).toHaveLength(6);
});

test('a file of the cache that is not whole, or not what was written, is as good as none', async () => {
  const { read, file } = catalogue();
  const cases = await read();
  const whole = readFileSync(file());
  const broken = Buffer.from(whole);
  broken[whole.indexOf('Something')] = 0x58;
  for (const content of [broken, whole.subarray(0, whole.length - 7), Buffer.from(''), Buffer.from('{}\n')]) {
    writeFileSync(file(), content);
    expect(await read()).toStrictEqual(cases);
    // It is whole again.
    expect(readFileSync(file()).equals(whole)).toBe(true);
  }
});

test.skipIf(process.platform === 'win32')('what others may write is not believed', async () => {
  const { read, file, cache } = catalogue();
  const cases = await read();
  const content = JSON.stringify(cases.map((instance) => ({ ...instance, title: 'planted' })));
  const [key] = readFileSync(file(), 'utf8').split(' ');
  const planted = `${key} ${createHash('sha256').update(content).digest('hex')}\n${content}`;
  const titles = async () => new Set((await read()).map(({ title }) => title));
  writeFileSync(file(), planted);
  expect(await titles()).toEqual(new Set(['planted']));
  chmodSync(file(), 0o620);
  expect(await titles()).toEqual(new Set(['Something']));
  writeFileSync(file(), planted);
  chmodSync(file(), 0o600);
  chmodSync(cache, 0o777);
  expect(await titles()).toEqual(new Set(['Something']));
});

test('where nothing can be kept, everything is read', async () => {
  const { folder, write } = catalogue();
  const taken = join(mkdtempSync(join(tmpdir(), 'kept-')), 'file');
  writeFileSync(taken, '');
  for (const cache of [null, taken, '/dev/null/cache', '/proc/nope/cache']) {
    expect(tids(await cachedCatalog(folder, cache))).toHaveLength(4);
    write('b.yaml', text('two', `Not in ${cache}`));
    expect((await cachedCatalog(folder, cache)).at(-1)!.title).toBe(`Not in ${cache}`);
  }
});

test('values that JSON does not have are not kept', async () => {
  const { folder, cache, write, read } = catalogue();
  write('b.yaml', text('two').replace('kind: conn', 'kind: conn, duration_ms: { $lt: .inf }'));
  const [rule] = (await read()).at(-1)!.expect.records as Record<string, unknown>[];
  expect(rule!.duration_ms).toEqual({ $lt: Number.POSITIVE_INFINITY });
  expect(() => readdirSync(cache)).toThrow('ENOENT');
  expect(await read()).toStrictEqual(await loadCatalog(folder));
});

test('many at once give the same and leave one file that is whole', async () => {
  const { read, cache, file } = catalogue();
  const all = await Promise.all(Array.from({ length: 8 }, read));
  for (const cases of all) expect(cases).toStrictEqual(all[0]);
  expect(readdirSync(cache)).toEqual([file().slice(cache.length + 1)]);
});

test('the caches of folders nobody reads any more do not pile up', async () => {
  const { folder, cache } = catalogue();
  for (let index = 0; index < 20; index++) {
    const other = mkdtempSync(join(tmpdir(), 'catalogue-'));
    cpSync(folder, other, { recursive: true });
    await cachedCatalog(other, cache);
  }
  expect(readdirSync(cache)).toHaveLength(16);
});

test('a changed loader reads anew what an unchanged one takes as it is kept', () => {
  const copy = mkdtempSync(join(tmpdir(), 'checkout-'));
  const home = mkdtempSync(join(tmpdir(), 'home-'));
  for (const path of globSync(['cases/{,load,select,scenarios,transparency,verify}/*.ts', 'protos/**/*.ts'], {
    cwd: root,
  }))
    cpSync(join(root, path), join(copy, path), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const { folder } = catalogue();
  const program = `
    const { cachedCatalog } = await import(${JSON.stringify(join(copy, 'cases/load/cached-catalog.ts'))});
    console.log((await cachedCatalog(${JSON.stringify(folder)})).map(({ tid }) => tid).join());`;
  const read = () =>
    execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
      encoding: 'utf8',
      cwd: dirname(folder),
      env: { ...process.env, XDG_CACHE_HOME: home },
    }).trim();
  expect(read()).toBe('one.h1,one.h2,two.h1,two.h2');
  expect(read()).toBe('one.h1,one.h2,two.h1,two.h2');
  expect(readdirSync(join(home, 'wiretracer'))).toHaveLength(1);
  const matrix = join(copy, 'cases/load/matrix.ts');
  const source = readFileSync(matrix, 'utf8');
  writeFileSync(matrix, source.replace(".join('.')", ".join('_')"));
  expect(read()).toBe('one_h1,one_h2,two_h1,two_h2');
});
