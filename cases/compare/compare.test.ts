import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { UsageError } from '../exit-codes.ts';
import { loadCatalog } from '../load/catalog.ts';
import { knownDifferences, loadKnownDifferences } from './known-differences.ts';
import { modePairs } from './pairs.ts';
import { compareExitCode, comparePair } from './verdict.ts';

const file = fileURLToPath(new URL('./known-differences.yaml', import.meta.url));
const truth = { 'close.cause': 'graceful', 'close.term': '--', 'events.0.status': 200, events: 1 };

test('two modes that agree have no difference', () => {
  expect(comparePair('grpc_status.5', truth, { ...truth }, loadKnownDifferences(file))).toEqual({
    lines: [],
    unknown: 0,
    known: 0,
  });
});

test('a difference nobody declared exits 6', () => {
  const doctored = { ...truth, 'events.0.status': 201 };
  const { unknown, lines } = comparePair('grpc_status.5', truth, doctored, loadKnownDifferences(file));
  expect([unknown, compareExitCode(0, unknown, 0), compareExitCode(0, unknown, 1)]).toEqual([1, 6, 6]);
  expect(lines).toEqual(['UNKNOWN grpc_status.5 events.0.status: grpc_native 200, grpc 201']);
  expect(compareExitCode(1, unknown, 0)).toBe(3);
});

test('a known difference is known with its values alone, for its case alone', () => {
  const native = { ...truth, 'close.cause': 'client_gone' };
  const known = loadKnownDifferences(file);
  expect(comparePair('grpc_deadline', native, truth, known)).toMatchObject({ unknown: 0, known: 1 });
  expect(comparePair('grpc_status.5', native, truth, known)).toMatchObject({ unknown: 1 });
  expect(comparePair('grpc_deadline', truth, native, known)).toMatchObject({ unknown: 1 });
});

test('an entry that nothing needed is named, one that a race decides is not', () => {
  const entry = { tid: 'a.*', reason: 'long enough', fields: { f: { grpc_native: [1], grpc: [2] } } };
  const known = knownDifferences([entry, { ...entry, tid: 'b', sometimes: true }], 'file');
  expect(known.unused()).toEqual(['a.* f']);
  expect(known.reasonOf('a.x', { field: 'f', native: 1, emulated: 2 })).toBe('long enough');
  expect(known.unused()).toEqual([]);
  expect(() => knownDifferences([{ tid: 'a' }], 'file')).toThrow(UsageError);
});

test('every entry names a case that exists in both modes, and values that can differ', async () => {
  const pairs = modePairs(await loadCatalog(fileURLToPath(new URL('../catalog', import.meta.url))));
  const tids = pairs.map(({ tid }) => tid);
  expect(tids).toEqual(
    expect.arrayContaining([
      'grpc_deadline',
      'grpc_interop_compressed.client_compressed_unary',
      'grpc_status.5',
    ]),
  );
  for (const { tid } of parse(readFileSync(file, 'utf8'))) {
    expect(tids.some((name) => name === tid || name.startsWith(tid.replace(/\*$/, '')))).toBe(true);
  }
});
