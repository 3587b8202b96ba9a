import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { InputError } from './input.ts';
import { type ReadRecord, readRecords } from './record-reader.ts';
import type { Tally } from './tally.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wiretracer-reader-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function read(content: string | Buffer): Promise<{ tally: Tally; lines: number[]; texts: string[] }> {
  const path = join(folder, 'records.jsonl');
  writeFileSync(path, content);
  const lines: number[] = [];
  const texts: string[] = [];
  const tally = await readRecords(path, {
    record: (_record: ReadRecord, line) => lines.push(line),
    text: (text) => texts.push(text),
  });
  return { tally, lines, texts };
}

const conn = (seq: number | null, event = 'close'): string =>
  JSON.stringify({ kind: 'conn', conn_id: 'c', event, listener: 'l', ...(seq === null ? {} : { seq }) });

test('reads on behind every line it cannot read, and names each', async () => {
  const { tally, lines, texts } = await read(
    [
      conn(1),
      'not json at all',
      '[1]',
      '{"kind":"future","x":1}',
      '{"kind":"tls","conn_id":"c"}',
      conn(3),
      conn(2),
      '',
      conn(4).slice(0, 20),
    ].join('\n'),
  );
  expect(lines).toEqual([1, 4, 5, 6, 7]);
  expect(texts).toEqual(['not json at all']);
  expect(tally.problems()).toEqual([
    { kind: 'not-json', lines: 1, first: [{ line: 2, text: 'not json at all' }] },
    { kind: 'not-a-record', lines: 1, first: [{ line: 3, text: '[1]' }] },
    { kind: 'unknown-kind', lines: 1, first: [{ line: 4, text: 'future' }] },
    { kind: 'missing-keys', lines: 1, first: [{ line: 5, text: 'tls without side' }] },
    { kind: 'out-of-order', lines: 1, first: [{ line: 7, text: 'seq 2' }] },
    { kind: 'cut-off', lines: 1, first: [{ line: 9, text: '{"kind":"conn","conn' }] },
  ]);
  expect(tally).toMatchObject({ lines: 8, records: 5, oldRecords: 0 });
});

test('a last line without LF counts when it is whole; a byte order mark and CRLF do not disturb', async () => {
  const { tally, lines } = await read(`\ufeff${conn(0)}\r\n\r\n${conn(1)}`);
  expect(lines).toEqual([1, 3]);
  expect(tally.problems()).toEqual([]);
});

test('counts the records of 1.50 and the numbers nobody has, run by run', async () => {
  const start = '{"kind":"meta","event":"start","seq":0}';
  const { tally } = await read([conn(null), start, conn(1), conn(5), start, conn(2)].join('\n'));
  expect(tally.oldRecords).toBe(1);
  expect(tally.missing()).toBe(3 + 1);
  expect(tally.problems()).toEqual([]);
});

test('of a flood of bad lines the first are named and all are counted', async () => {
  const { tally } = await read('x\n'.repeat(5000));
  const [problem] = tally.problems();
  expect(problem).toMatchObject({ kind: 'not-json', lines: 5000 });
  expect(problem!.first.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('bytes that are no text and keys that belong to objects are only data', async () => {
  const { lines } = await read(
    Buffer.concat([
      Buffer.from([0xff, 0xfe, 0x0a, 0x00, 0x0a]),
      Buffer.from(
        '{"kind":"conn","__proto__":{"x":1},"conn_id":"constructor","event":"open","listener":"l"}\n',
      ),
    ]),
  );
  expect(lines).toEqual([3]);
  expect(({} as { x?: number }).x).toBeUndefined();
});

test('a file that cannot be read is told in words', async () => {
  const attempt = readRecords(join(folder, 'absent'), { record() {} });
  await expect(attempt).rejects.toThrow(InputError);
  await expect(attempt).rejects.toThrow(/absent: there is no such file/);
  await expect(readRecords(folder, { record() {} })).rejects.toThrow(/it is a folder/);
});
